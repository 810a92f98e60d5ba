import type { Webhook } from "@/admin/webhooks/queries";
import { useWords } from "@/texts/admin";
import { Icon } from "@/ui/Icon";

/** Whether events are sent and taken: with an icon and a word. */
export function Health({ webhook }: { webhook: Webhook }) {
  const { text, instant } = useWords();
  if (webhook.disabled_because !== null) {
    return (
      <span>
        <Icon name="close" small /> {text(`webhooks.disabled.${webhook.disabled_because}`)}
      </span>
    );
  }
  if (webhook.failing_since !== null) {
    return (
      <span>
        <Icon name="alert" small /> {text("webhooks.failing", { at: instant(webhook.failing_since) })}
      </span>
    );
  }
  return (
    <span>
      <Icon name="check" small /> {text("webhooks.enabled")}
    </span>
  );
}
