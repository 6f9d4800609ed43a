import { type Route, toAction } from "../route";

export const authRoutes: Route[] = [
  toAction("auth", "POST /auth/register", "auth.register", { status: 201, rate: "auth", fill: ["device"] }),
  toAction("auth", "POST /auth/login", "auth.login", { rate: "auth", fill: ["device"] }),
  toAction("auth", "POST /auth/refresh", "auth.refresh"),
  toAction("auth", "POST /auth/logout", "auth.logout", { status: 204, fill: ["session_id"] }),
  toAction("auth", "POST /auth/logout-all", "auth.logoutAll", { status: 204 }),
  toAction("auth", "GET /auth/sessions", "auth.listSessions", { fill: ["session_id"] }),
  toAction("auth", "DELETE /auth/sessions/{session_id}", "auth.revokeSession"),
  toAction("auth", "POST /auth/password", "auth.changePassword", { status: 204, fill: ["session_id"] }),
  toAction("auth", "POST /auth/validate", "auth.validate", { rate: "read" }),
  toAction("admin", "GET /admin/users", "auth.listAccounts"),
  toAction("admin", "PATCH /admin/users/{user_id}", "auth.updateAccount"),
];
