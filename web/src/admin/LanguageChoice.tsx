import styles from "@/admin/LanguageChoice.module.css";
import { useLanguage } from "@/admin/words";
import { useWords } from "@/texts/admin";
import { isLanguage, LANGUAGES } from "@/texts/languages";

export function LanguageChoice() {
  const { text } = useWords();
  const { language, choose } = useLanguage();
  return (
    <label className={styles.choice}>
      <span className="muted">{text("shell.language")}</span>
      <select value={language} onChange={({ target }) => isLanguage(target.value) && choose(target.value)}>
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
