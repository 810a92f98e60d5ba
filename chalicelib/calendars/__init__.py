"""Calendars as other systems read them (iCalendar, RFC 5545): feeds of what is taken, by a secret address."""
