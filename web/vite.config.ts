import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { isLiteralElement, parse } from "@formatjs/icu-messageformat-parser";
import react from "@vitejs/plugin-react";
import { type BuildOptions, defineConfig, type Plugin, type UserConfig } from "vite";

const folder = fileURLToPath(new URL(".", import.meta.url));
const WORTH_COMPRESSING = /\.(?:css|html|js|json|svg|txt)$/;
const SMALLEST = 1024;

/** Writes a brotli and a gzip file beside each file, so that nobody compresses while a guest waits. */
function precompressed(): Plugin {
  return {
    name: "berth-precompressed",
    apply: "build",
    writeBundle({ dir }) {
      if (dir === undefined) return;
      for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !WORTH_COMPRESSING.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        if (existsSync(`${path}.br`)) continue; // by the build of the other surface
        const content = readFileSync(path);
        if (content.length < SMALLEST) continue;
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
        writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
      }
    },
  };
}

const OF_TEXTS = /\/src\/texts\/(?:more\/|own\/|admin\/\w+\.)?(?:de|en|es|fr)\.ts$/;
const MESSAGE = /^( {2}"[\w.-]+":)\s+("(?:[^"\\]|\\.)*"),$/gm;

/** What all pages behind the first one share, in one file: small files by themselves compress badly. */
const OF_CHOOSING = /\/src\/(?:public\/(?:useQuote|uses|sizes|alternatives|attempt|facts|Facts|Price|waiting|violations)|ui\/(?:Field|Notice|Stepper))\.(?:tsx?|module\.css)$/;

const OF_TIMES = /\/src\/public\/(?:grid|useListing|resource\/(?:DayStrip|Instead|NothingThen|useTimes|ZoneNote))\.(?:tsx?|module\.css)$/;

/** Parses the messages here, so that no guest has to load a parser (7 KB); a wrong one fails the build. */
function parsedTexts(): Plugin {
  return {
    name: "berth-parsed-texts",
    enforce: "pre",
    transform(code, id) {
      if (!OF_TEXTS.test(id)) return null;
      let count = 0;
      const parsed = code.replaceAll(MESSAGE, (_line, key: string, text: string) => {
        count += 1;
        const elements = parse(JSON.parse(text) as string, { captureLocation: false });
        const [first] = elements;
        const isPlain = elements.length === 1 && first !== undefined && isLiteralElement(first);
        return `${key} ${JSON.stringify(isPlain ? first.value : elements)},`;
      });
      if (count !== code.match(/^ {2}"/gm)?.length) this.error(`${id}: a line is not of the form "key": "message",`);
      return { code: parsed, map: null };
    },
  };
}

const OF_LEAFLET = /\/leaflet-src\.esm\.js$/;
const MARKUP = "div.innerHTML = '<svg/>';";

/** Leaflet tries at its start whether it can write SVG as markup. Trusted Types forbid that, and it draws without. */
function leafletWithoutMarkup(): Plugin {
  return {
    name: "berth-leaflet-without-markup",
    transform(code, id) {
      if (!OF_LEAFLET.test(id)) return null;
      if (!code.includes(MARKUP)) this.error(`${id}: this Leaflet does not begin as the one that is known.`);
      return { code: code.replace(MARKUP, "div.append(document.createElementNS('http://www.w3.org/2000/svg', 'svg'));"), map: null };
    },
  };
}

/** Answers the addresses of the pages as the gateway and CloudFront do, and `/ui`, which is in no build. */
function addresses(): Plugin {
  return {
    name: "berth-addresses",
    apply: "serve",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const path = request.url?.split("?", 1)[0] ?? "/";
        if (path.startsWith("/t/")) request.url = "/public.html";
        if (path === "/admin" || path.startsWith("/admin/")) request.url = "/admin.html";
        if (path === "/ui") request.url = "/ui.html";
        next();
      });
    },
  };
}

/** What is built, by mode. The script for other sites has one name, whatever is in it: these write it into their pages. */
const SURFACES: Record<string, BuildOptions["rolldownOptions"]> = {
  public: {
    input: { public: join(folder, "public.html") },
    output: {
      // Each name is said in the first script: short ones are told apart as well.
      chunkFileNames: "assets/[hash:6].js",
      assetFileNames: "assets/[hash][extname]",
      codeSplitting: {
        includeDependenciesRecursively: false,
        groups: [
          { name: "choosing", test: OF_CHOOSING },
          { name: "times", test: OF_TIMES },
        ],
      },
    },
  },
  admin: { input: { admin: join(folder, "admin.html") } },
  worker: { input: { "admin-sw": join(folder, "src/sw.ts") }, output: { format: "iife", entryFileNames: "[name].js" } },
  embed: { input: { embed: join(folder, "src/embed/embed.ts") }, output: { format: "iife", entryFileNames: "embed.js" } },
};

// Each surface is built by itself: chunks that both share would make the guests' part larger.
const OF_CONTROLS = /^(.*\/intl\/[\w-]+\/)(?!(?:de-DE|en-US|es-ES|fr-FR)\.)[a-z]{2}-[A-Z]{2}(\.m?js)$/;

/** What react-aria's controls say in the 30 languages that the pages have not is what they say in English. */
function ownLanguages(): Plugin {
  return {
    name: "berth-own-languages",
    enforce: "pre",
    resolveId(source, importer) {
      const found = importer?.includes("react-aria") === true ? OF_CONTROLS.exec(source) : null;
      return found === null ? null : this.resolve(`${found[1] ?? ""}en-US${found[2] ?? ""}`, importer);
    },
  };
}

/** What the service worker keeps: all that the administrators' app loads, which was built before it. */
function shellOf(mode: string): Record<string, string> {
  const out = process.argv.find((argument) => argument.startsWith("--outDir="))?.slice("--outDir=".length);
  if (mode !== "worker" || out === undefined) return {};
  const built = JSON.parse(readFileSync(join(out, "manifest.admin.json"), "utf8")) as Record<string, { file: string; css?: string[]; assets?: string[] }>;
  const files = Object.values(built).flatMap(({ file, css = [], assets = [] }) => [file, ...css, ...assets]);
  const kept = [...new Set(files)].filter((file) => !file.endsWith(".html")).sort();
  const page = readFileSync(join(out, "admin.html"));
  const name = createHash("sha256").update(kept.join("\n")).update(page).digest("hex").slice(0, 12);
  return { SHELL_FILES: JSON.stringify(kept), SHELL_NAME: JSON.stringify(name) };
}

export default defineConfig(({ mode }) => ({
  root: folder,
  define: shellOf(mode),
  appType: "mpa",
  plugins: [parsedTexts(), leafletWithoutMarkup(), ownLanguages(), react(), precompressed(), addresses()],
  resolve: {
    alias: {
      "@/": join(folder, "src/"),
      // React has it by now.
      "use-sync-external-store/shim/index.js": "react",
      "@formatjs/icu-messageformat-parser": "@formatjs/icu-messageformat-parser/no-parser.js",
    },
  },
  build: {
    outDir: "dist",
    manifest: mode === "public" ? "manifest.json" : `manifest.${mode}.json`,
    // A data: address would need a hole in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: SURFACES[mode] ?? SURFACES["public"],
  },
  server: {
    // Where a demo runs is said by `./dev web`.
    proxy: { "^/(?:api|images|ws)(?:/|$)": { target: process.env["BERTH_WEB_API"] ?? "http://127.0.0.1:8000", ws: true } },
  },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
}) as UserConfig & { test: object });
