import { type Config, configOf } from "../../lib/config";
import { DomainError, UnavailableError } from "../../lib/errors";
import { signingKeys } from "../../lib/signing-keys";
import { channels } from "../../mixins/channels";
import { postgres } from "../../mixins/postgres";
import { type Stamps, stampsOf } from "../../mixins/redis";
import { defineService } from "../define-service";
import { AccessTokens, type TokenUse } from "./access-tokens";
import { authContract } from "./auth.contract";
import { SessionNotFoundError, UserNotFoundError } from "./auth.errors";
import { changeAccount, changePassword, changeStanding, deleteAccount } from "./change-account";
import { freeEmailOf } from "./claims.repository";
import { findByPrefix, findByUsernames, findNewest } from "./find-accounts";
import { listSessions } from "./list-sessions";
import { openAccounts } from "./open-accounts";
import { hashPassword } from "./passwords";
import { presentAccount, presentProfile } from "./present-account";
import { seedAccounts } from "./seed-accounts";
import * as sessions from "./sessions.repository";
import { bearerOf, logIn, openSession, refresh } from "./sign-in";
import { type Bearer, standingCache } from "./standing-cache";
import { sweep, sweepEvery, type Sweeps } from "./sweep";
import * as users from "./users.repository";

/** Accounts, profiles, passwords, sessions, tokens and roles. Sole owner of the tables of users, claims and sessions. */
export default defineService(authContract, {
  mixins: [postgres("auth"), channels("postgres"), standingCache],
  state: {} as { config: Config; tokens: AccessTokens; stamps: Stamps; sweeps?: Sweeps },

  methods: {
    sweep(): Promise<void> {
      return sweep(this);
    },
    async account(id: number): Promise<users.User> {
      const user = await users.find(this.sql, id);
      if (!user) throw new UserNotFoundError();
      return user;
    },
    bearer(token: string, use: TokenUse): Promise<Bearer> {
      return this.standings.bearerOf(`${use} ${token}`, () => bearerOf(this, token, use));
    },
    async endSession(userId: number, id: string): Promise<boolean> {
      const wasOpen = await sessions.end(this.sql, userId, id);
      this.standingChanged(userId);
      return wasOpen;
    },
  },

  actions: {
    async register(ctx) {
      const { username, email, password, display_name = "", device } = ctx.params;
      const makeHash = () => hashPassword(password, this.config.bcryptCost);
      const [id] = await openAccounts(this, [{ username, email, display_name }], makeHash);
      return openSession(this, await this.account(id!), device);
    },

    async seed(ctx) {
      return { user_ids: await seedAccounts(this, ctx.params.users, ctx.params.password_hash) };
    },

    login(ctx) {
      return logIn(this, ctx.params, ctx.params.device);
    },

    refresh(ctx) {
      return refresh(this, ctx.params.refresh_token);
    },

    async logout(ctx) {
      await this.endSession(ctx.meta.viewer.id, ctx.params.session_id);
      return {};
    },

    async logoutAll(ctx) {
      const { id } = ctx.meta.viewer;
      await sessions.endAll(this.sql.at(id), id);
      this.standingChanged(id);
      return {};
    },

    listSessions(ctx) {
      return listSessions(this.sql, ctx.meta.viewer.id, ctx.params);
    },

    async revokeSession(ctx) {
      const wasOpen = await this.endSession(ctx.meta.viewer.id, ctx.params.session_id);
      if (!wasOpen) throw new SessionNotFoundError();
      return {};
    },

    async changePassword(ctx) {
      await changePassword(this, ctx.meta.viewer.id, ctx.params, ctx.params.session_id);
      return {};
    },

    async validate(ctx) {
      try {
        const { user_id, role, expiresAtMs } = await this.bearer(ctx.params.token, "access");
        return { active: true, user_id, role, expires_at: new Date(expiresAtMs).toISOString() };
      } catch (error) {
        if (!(error instanceof DomainError) || error instanceof UnavailableError) throw error;
        return { active: false, user_id: null, role: null, expires_at: null };
      }
    },

    async authenticate(ctx) {
      const { user_id, role, session_id, expiresAtMs } = await this.bearer(ctx.params.token, ctx.params.use);
      return { viewer: { id: user_id, role }, session_id, expires_at: new Date(expiresAtMs).toISOString() };
    },

    issueTicket(ctx) {
      const ticket = this.tokens.sign(ctx.meta.viewer, ctx.params.session_id, "stream");
      return { ticket, expires_in: this.config.accessTokenSeconds };
    },

    async get(ctx) {
      return presentProfile(this.config, await this.account(ctx.params.user_id));
    },

    async getMany(ctx) {
      const found = await users.findMany(this.sql, ctx.params.user_ids);
      const inOrder = ctx.params.user_ids.flatMap((id) => found.get(id) ?? []);
      return { users: inOrder.map((user) => presentProfile(this.config, user)) };
    },

    async findByUsernames(ctx) {
      const found = await findByUsernames(this.sql, ctx.params.usernames);
      return { users: found.map((user) => presentProfile(this.config, user)) };
    },

    async search(ctx) {
      const { items, next_cursor } = await findByPrefix(
        this.sql,
        ctx.params.q,
        ctx.params,
        (user) => !user.is_suspended,
      );
      return { items: items.map((user) => presentProfile(this.config, user)), next_cursor };
    },

    async listAccounts(ctx) {
      const { q, ...paging } = ctx.params;
      const { items, next_cursor } = q
        ? await findByPrefix(this.sql, q, paging, () => true)
        : await findNewest(this.sql, paging);
      return { items: items.map((user) => presentAccount(this.config, user)), next_cursor };
    },

    async getAccount(ctx) {
      return presentAccount(this.config, await this.account(ctx.meta.viewer.id));
    },

    async updateProfile(ctx) {
      const { after } = await changeAccount(this, ctx.meta.viewer.id, ctx.params);
      return presentAccount(this.config, after);
    },

    async setAvatar(ctx) {
      const { media_id, renditions } = ctx.params;
      const avatar = media_id === null ? null : { media_id, renditions };
      const { before } = await changeAccount(this, ctx.meta.viewer.id, { avatar });
      const previous = before.avatar?.media_id ?? null;
      return { previous_media_id: previous === media_id ? null : previous };
    },

    async deleteAccount(ctx) {
      await deleteAccount(this, ctx.meta.viewer.id);
      return {};
    },

    async updateAccount(ctx) {
      const { user_id, ...wanted } = ctx.params;
      return presentAccount(this.config, await changeStanding(this, user_id, wanted));
    },

    async grantRole(ctx) {
      const { username, role } = ctx.params;
      const [user] = await findByUsernames(this.sql, [username]);
      if (!user) throw new UserNotFoundError();
      const { after } = await changeAccount(this, user.id, { role });
      this.standingChanged(user.id);
      return presentAccount(this.config, after);
    },
  },

  channels: {
    /** The deletion freed the address itself; this is for one that died in between. */
    async "user.deleted"({ data }) {
      await freeEmailOf(this.sql, data.user_id);
    },
  },

  created() {
    this.stamps = stampsOf(this.broker);
  },

  async started() {
    this.config = configOf(this.broker);
    this.tokens = new AccessTokens(await signingKeys(this.config, "jwt"), this.config);
    this.sweeps = sweepEvery(this.config.sweepSeconds, () => this.sweep(), this.logger);
  },

  async stopped() {
    await this.sweeps?.stop();
  },
});
