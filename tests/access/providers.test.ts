/** Tokens as identity providers make them, with the settings of docs/tokens.md: docs/protocol.md, P9.4. */

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, test } from "node:test";
import { received } from "../support/received.ts";
import { NEEDS_OWN_RUNTIME, startOwnServer } from "../support/target.ts";
import { inSeconds, signedBy } from "../support/token.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const key = { ...publicKey.export({ format: "jwk" }), kid: "RS256", use: "sig", alg: "RS256" };
const JWKS = JSON.stringify({ keys: [key] });

interface Provider {
  settings: { JWT_ISSUER?: string; JWT_AUDIENCE?: string; JWT_CLAIMS_PREFIX?: string };
  claims: Record<string, unknown>;
  /** What puts the projects into the claims. */
  projects: (ids: string[]) => Record<string, unknown>;
}

const PROVIDERS: Record<string, Provider> = {
  "an access token of Auth0 with RBAC": {
    settings: {
      JWT_ISSUER: "https://tenant.eu.auth0.com/",
      JWT_AUDIENCE: "https://realtime.app.test",
      JWT_CLAIMS_PREFIX: "https://app.test/",
    },
    claims: {
      iss: "https://tenant.eu.auth0.com/",
      sub: "auth0|6500f1",
      aud: ["https://realtime.app.test", "https://tenant.eu.auth0.com/userinfo"],
      azp: "client",
      scope: "openid profile",
      permissions: ["posts:read", "publish"],
    },
    projects: (ids) => ({ "https://app.test/projects": ids }),
  },
  "a session token of Clerk": {
    settings: { JWT_ISSUER: "https://clerk.app.test" },
    claims: {
      iss: "https://clerk.app.test",
      sub: "user_2abc",
      azp: "https://app.test",
      fva: [7, -1],
      sid: "sess_1",
      sts: "active",
      v: 2,
    },
    projects: (ids) => ({ projects: ids }),
  },
  "an access token of Supabase": {
    settings: {
      JWT_ISSUER: "https://ref.supabase.co/auth/v1",
      JWT_AUDIENCE: "authenticated",
      JWT_CLAIMS_PREFIX: "app_metadata.",
    },
    claims: {
      iss: "https://ref.supabase.co/auth/v1",
      sub: "123e4567-e89b-12d3-a456-426614174000",
      aud: "authenticated",
      role: "authenticated",
      aal: "aal1",
      session_id: "session",
      email: "ann@app.test",
      phone: "",
      is_anonymous: false,
      amr: [{ method: "password", timestamp: 1 }],
      // The user can write this, so it is ignored.
      user_metadata: { projects: "*", permissions: ["publish"] },
    },
    projects: (ids) => ({ app_metadata: { provider: "email", projects: ids } }),
  },
  "an ID token of Firebase": {
    settings: { JWT_ISSUER: "https://securetoken.google.com/app", JWT_AUDIENCE: "app" },
    claims: {
      iss: "https://securetoken.google.com/app",
      aud: "app",
      auth_time: 1,
      user_id: "uid",
      sub: "uid",
      email: null,
      firebase: { identities: {}, sign_in_provider: "custom" },
    },
    projects: (ids) => ({ projects: ids }),
  },
  "an ID token of Cognito": {
    settings: {
      JWT_ISSUER: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc",
      JWT_AUDIENCE: "client",
    },
    claims: {
      iss: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc",
      sub: "aaaaaaaa-bbbb",
      aud: "client",
      token_use: "id",
      "cognito:username": "ann",
      "cognito:groups": ["staff"],
      event_id: "e",
    },
    projects: (ids) => ({ projects: ids }),
  },
  "an access token of Cognito": {
    settings: { JWT_ISSUER: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc" },
    claims: {
      iss: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc",
      sub: "aaaaaaaa-bbbb",
      client_id: "client",
      token_use: "access",
      scope: "aws.cognito.signin.user.admin",
      username: "ann",
    },
    projects: (ids) => ({ projects: ids }),
  },
  "an access token of Entra": {
    settings: {
      JWT_ISSUER: "https://login.microsoftonline.com/tenant/v2.0",
      JWT_AUDIENCE: "api-client-id",
      JWT_CLAIMS_PREFIX: "extn.",
    },
    claims: {
      iss: "https://login.microsoftonline.com/tenant/v2.0",
      aud: "api-client-id",
      sub: "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
      oid: "00000000-0000-0000-66f3-3332eca7ea81",
      tid: "tenant",
      roles: ["Editor"],
      scp: "access_as_user",
      ver: "2.0",
    },
    projects: (ids) => ({ "extn.projects": ids }),
  },
  "an access token of Keycloak": {
    settings: {
      JWT_ISSUER: "https://id.app.test/realms/app",
      JWT_AUDIENCE: "realtime",
      JWT_CLAIMS_PREFIX: "realtime.",
    },
    claims: {
      iss: "https://id.app.test/realms/app",
      aud: ["realtime", "account"],
      sub: "f:1:ann",
      typ: "Bearer",
      azp: "app",
      realm_access: { roles: ["offline_access"] },
      resource_access: { account: { roles: ["view-profile"] } },
      authorization: { permissions: [{ rsname: "photos", scopes: ["read"] }] },
      permissions: [{ rsname: "photos" }],
    },
    projects: (ids) => ({ realtime: { projects: ids } }),
  },
  "an access token of WorkOS": {
    settings: { JWT_ISSUER: "https://api.workos.com" },
    claims: {
      iss: "https://api.workos.com",
      sub: "user_01HBEQ",
      org_id: "org_01HRDM",
      role: "member",
      permissions: ["posts:read", "posts:write"],
      entitlements: ["audit-logs"],
      sid: "session_01HQ",
      jti: "01HQSX",
    },
    projects: (ids) => ({ projects: ids }),
  },
  "an access token of Kinde": {
    settings: { JWT_ISSUER: "https://app.kinde.com" },
    claims: {
      iss: "https://app.kinde.com",
      aud: [],
      sub: "kp_1",
      org_code: "org_1",
      permissions: [],
      scp: ["openid"],
    },
    projects: (ids) => ({ projects: ids }),
  },
};

for (const [name, { settings, claims, projects }] of Object.entries(PROVIDERS)) {
  describe(name, { skip: NEEDS_OWN_RUNTIME }, async () => {
    const { server } = await startOwnServer({
      vars: { CONNECT_AUTH: undefined, JWKS, ...settings },
    });
    const base = { iat: inSeconds(0), ...claims, projects: undefined };
    const text = (more: Record<string, unknown>) =>
      signedBy("RS256", privateKey, { ...base, ...more });

    test("P9.4 lets its user into the projects in it, and the user is seen", async () => {
      const room = server.room();
      const connected = await received(room.connect({ token: text(projects([room.id])) }));
      assert.equal(connected.users?.[0].userId, claims.sub, `closed with ${connected}`);
    });

    test("P9.4 lets nobody into another project, and publishes nothing", async () => {
      const [mine, other] = [server.room(), server.room()];
      const token = text(projects([mine.id]));
      assert.equal(await received(other.connect({ token })), 4001);
      assert.equal(await received(other.connect({ token: text({}) })), 4001);
      const headers = { Authorization: `Bearer ${token}` };
      assert.equal((await mine.post({ eventType: "E" }, headers)).status, 403);
    });

    test("P9.3 is for this issuer and audience", async () => {
      const room = server.room();
      const wrong =
        settings.JWT_AUDIENCE === undefined ? { iss: "https://other.test" } : { aud: "x" };
      const client = room.connect({ token: text({ ...projects([room.id]), ...wrong }) });
      const { code, reason } = await client.close();
      const expected = { code: "token_invalid", reason: Object.keys(wrong)[0] };
      assert.deepEqual([code, JSON.parse(reason)], [4100, expected]);
    });
  });
}
