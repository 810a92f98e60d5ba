import { readdirSync } from "node:fs";

import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const SURFACES = ["public", "admin"];

/** An area is a folder of a surface. It may use what all share, and neither another area nor the other surface. */
function areaRules() {
  return SURFACES.filter((surface) => folders("src").includes(surface)).flatMap((surface) => {
    const foreign = SURFACES.filter((other) => other !== surface).map((other) => `@/${other}/**`);
    const areas = folders(`src/${surface}`);
    const rule = (forbidden) => ({
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: forbidden, message: "Areas do not import each other: use ui, api or texts, or move what both need." },
            { group: ["../*"], message: "Name other folders from the root, as @/ui/Button." },
          ],
        },
      ],
    });
    return [
      { files: [`src/${surface}/**`], rules: rule(foreign) },
      ...areas.map((area) => ({
        files: [`src/${surface}/${area}/**`],
        rules: rule([...foreign, ...areas.filter((other) => other !== area).map((other) => `@/${surface}/${other}/**`)]),
      })),
    ];
  });
}

function folders(path) {
  return readdirSync(new URL(path, import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

export default tseslint.config(
  { ignores: ["dist*", "node_modules", "src/api/schema.d.ts"] },
  { files: ["**/*.{ts,tsx}"], extends: tseslint.configs.strictTypeChecked },
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  hooks.configs.flat["recommended-latest"],
  {
    files: ["**/*.{ts,tsx}"],
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // Texts of businesses and guests are shown as texts, never read as markup.
      "no-restricted-properties": ["error", { property: "innerHTML" }, { property: "outerHTML" }, { property: "insertAdjacentHTML" }],
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Texts are shown as texts." },
        { selector: "Property[key.name='dangerouslySetInnerHTML']", message: "Texts are shown as texts." },
      ],
    },
  },
  {
    files: ["src/{api,realtime,texts,ui}/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["@/public/**", "@/admin/**"], message: "What all share knows nothing of a surface." }] },
      ],
    },
  },
  ...areaRules(),
);
