/** Whether the API has forgotten who this was: the address that it gives such a guest is in a domain of nobody (RFC 2606). */
export function isForgotten({ email }: { email: string }): boolean {
  return email.endsWith("@anonymous.invalid");
}
