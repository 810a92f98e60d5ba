import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";

import { auditSearch } from "@/admin/audit/search";
import { calendarSearch } from "@/admin/calendar/search";
import { closuresSearch } from "@/admin/closures/search";
import { dashboardSearch } from "@/admin/dashboard/search";
import { guestsSearch } from "@/admin/guests/search";
import { Broken, Missing } from "@/admin/Missing";
import { reservationsSearch } from "@/admin/reservations/search";
import { TenantChoice } from "@/admin/TenantChoice";
import { TenantPages } from "@/admin/TenantPages";
import { timelineSearch } from "@/admin/timeline/search";
import { waitlistSearch } from "@/admin/waitlist/search";

const root = createRootRoute({ component: Outlet, notFoundComponent: Missing, errorComponent: Broken });

const home = createRoute({ getParentRoute: () => root, path: "/", component: TenantChoice });

const tenant = createRoute({ getParentRoute: () => root, path: "$tenant", component: TenantPages });

const tenantHome = createRoute({
  getParentRoute: () => tenant,
  path: "/",
  beforeLoad: ({ params }) => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the router takes a redirect in this way alone
    throw redirect({ to: "/$tenant/calendar", params, replace: true });
  },
});

const calendar = createRoute({
  getParentRoute: () => tenant,
  path: "calendar",
  validateSearch: calendarSearch,
  component: lazyRouteComponent(() => import("@/admin/calendar/CalendarPage"), "CalendarPage"),
});

const timeline = createRoute({
  getParentRoute: () => tenant,
  path: "timeline",
  validateSearch: timelineSearch,
  component: lazyRouteComponent(() => import("@/admin/timeline/TimelinePage"), "TimelinePage"),
});

const reservations = createRoute({
  getParentRoute: () => tenant,
  path: "reservations",
  validateSearch: reservationsSearch,
  component: lazyRouteComponent(() => import("@/admin/reservations/ReservationsPage"), "ReservationsPage"),
});

const reservation = createRoute({
  getParentRoute: () => tenant,
  path: "reservations/$reservation",
  component: lazyRouteComponent(() => import("@/admin/reservations/ReservationPage"), "ReservationPage"),
});

const dashboard = createRoute({
  getParentRoute: () => tenant,
  path: "dashboard",
  validateSearch: dashboardSearch,
  component: lazyRouteComponent(() => import("@/admin/dashboard/DashboardPage"), "DashboardPage"),
});

const guests = createRoute({
  getParentRoute: () => tenant,
  path: "guests",
  validateSearch: guestsSearch,
  component: lazyRouteComponent(() => import("@/admin/guests/GuestsPage"), "GuestsPage"),
});

const guest = createRoute({
  getParentRoute: () => tenant,
  path: "guests/$guest",
  component: lazyRouteComponent(() => import("@/admin/guests/GuestPage"), "GuestPage"),
});

const closures = createRoute({
  getParentRoute: () => tenant,
  path: "closures",
  validateSearch: closuresSearch,
  component: lazyRouteComponent(() => import("@/admin/closures/ClosuresPage"), "ClosuresPage"),
});

const members = createRoute({
  getParentRoute: () => tenant,
  path: "members",
  component: lazyRouteComponent(() => import("@/admin/members/MembersPage"), "MembersPage"),
});

const webhooks = createRoute({
  getParentRoute: () => tenant,
  path: "webhooks",
  component: lazyRouteComponent(() => import("@/admin/webhooks/WebhooksPage"), "WebhooksPage"),
});

const webhook = createRoute({
  getParentRoute: () => tenant,
  path: "webhooks/$webhook",
  component: lazyRouteComponent(() => import("@/admin/webhooks/WebhookPage"), "WebhookPage"),
});

const audit = createRoute({
  getParentRoute: () => tenant,
  path: "audit",
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import("@/admin/audit/AuditPage"), "AuditPage"),
});

const waitlist = createRoute({
  getParentRoute: () => tenant,
  path: "waitlist",
  validateSearch: waitlistSearch,
  component: lazyRouteComponent(() => import("@/admin/waitlist/WaitlistPage"), "WaitlistPage"),
});

const notifications = createRoute({
  getParentRoute: () => tenant,
  path: "notifications",
  component: lazyRouteComponent(() => import("@/admin/notifications/NotificationsPage"), "NotificationsPage"),
});

const policies = createRoute({
  getParentRoute: () => tenant,
  path: "policies",
  component: lazyRouteComponent(() => import("@/admin/policies/PoliciesPage"), "PoliciesPage"),
});

const policy = createRoute({
  getParentRoute: () => tenant,
  path: "policies/$policy",
  component: lazyRouteComponent(() => import("@/admin/policies/PolicyPage"), "PolicyPage"),
});

const tree = root.addChildren([home, tenant.addChildren([tenantHome, calendar, timeline, reservations, reservation, dashboard, notifications, guests, guest, waitlist, closures, members, webhooks, webhook, audit, policies, policy])]);

export const router = createRouter({ routeTree: tree, basepath: "/admin", defaultPreload: "intent", defaultErrorComponent: Broken });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
