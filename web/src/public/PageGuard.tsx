import { Component, type ReactNode } from "react";

import styles from "@/public/Frame.module.css";
import { useSpeech } from "@/texts/intl";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";

/** Keeps a fault of one page from taking the whole site with it; also a part that could not be fetched. */
export class PageGuard extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { text } = useSpeech();
  return (
    <div className={`${styles.wrap} ${styles.alone}`}>
      <Empty title={text("site.broken")} alert page>
        <Button onClick={() => window.location.reload()}>{text("site.reload")}</Button>
      </Empty>
    </div>
  );
}
