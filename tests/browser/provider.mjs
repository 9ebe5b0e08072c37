// A real OpenID provider (certified: github.com/panva/node-oidc-provider) with a client and people of the tests.
// node provider.mjs PORT CLIENT_SECRET REDIRECT_URI…
import Provider from 'oidc-provider';

const [port, secret, ...redirects] = process.argv.slice(2);
const people = {
  erika: { name: 'Erika Muster', groups: ['jc-clerks'], places: ['mitte'] },
  adam: { name: 'Adam Admin', groups: ['jc-admins', 'others'], places: ['mitte'] },
  odd: { name: 'Odd', groups: ['jc-clerks'], places: ['mitte'] }, // of whom it says more in no proper form
  nobody: { name: 'Nobody Here', groups: ['others'], places: [] },
};
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{ client_id: 'buergernah', client_secret: secret, redirect_uris: redirects }],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups', 'places'] },
  pkce: { required: () => true },
  cookies: { keys: ['of tests'] },
  // Its own pages: any password opens.
  features: { devInteractions: { enabled: true } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, ...people[id] }),
  }),
});
// Erika's groups can be changed while it runs: POST /test/people/erika?groups=a,b
provider.use(async (context, next) => {
  const found = context.path.match(/^\/test\/people\/(\w+)$/);
  if (!found) {
    await next();
    if (context.body?.sub === 'odd') context.body = [];
    return;
  }
  people[found[1]].groups = context.query.groups.split(',');
  context.status = 204;
});
provider.listen(Number(port));
