/** Who is signed in. */
import { api, ask, lost, Refused, type Me } from './api/client.js';

export type Role = 'administrator' | 'organiser' | 'inspector' | 'unit' | 'official' | 'observer' | 'trustee';

let me = $state.raw<Me | undefined>();
let state = $state<'opening' | 'signed_out' | 'ended' | 'signed_in' | 'offline'>('opening');

lost.session = () => {
  if (state !== 'signed_in') return;
  [me, state] = [undefined, 'ended'];
};

export const session = {
  get me(): Me | undefined {
    return me;
  },
  get state(): typeof state {
    return state;
  },
  has(...roles: Role[]): boolean {
    return roles.some((role) => me?.roles.includes(role));
  },
  /** Whom the centre knows by the cookie of this browser. */
  async open(): Promise<void> {
    state = 'opening';
    try {
      [me, state] = [await ask(api.GET('/api/v1/session')), 'signed_in'];
    } catch (wrong) {
      if (!(wrong instanceof Refused)) throw wrong;
      state = wrong.code === 'sign_in' ? 'signed_out' : 'offline';
    }
  },
  async signIn(login: string, password: string, code: string | undefined): Promise<void> {
    const body = code === undefined ? { login, password } : { login, password, code };
    [me, state] = [await ask(api.POST('/api/v1/session', { body })), 'signed_in'];
  },
  async signOut(): Promise<void> {
    await ask(api.DELETE('/api/v1/session'));
    // Whoever signs in next begins at the beginning.
    location.hash = '';
    [me, state] = [undefined, 'signed_out'];
  },
};
