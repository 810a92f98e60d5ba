"""The pages of public sites as browsers and crawlers get them: head, first content, sitemap, robots.txt."""
