import { scryptSync } from 'node:crypto';

/** A member, with the password in clear. */
export interface Member {
  loginId: string;
  mailAddress: string;
  password: string;
}

/** The member that every demo has. */
export const demoMember: Member = {
  loginId: 'abcd',
  mailAddress: 'abcd@xxx.mm-m.ne.jp',
  password: 'Demo-pass9',
};

const password = 'Kumo-no-ue7';

/** Members for a server that several tests share. */
export function makeMembers(count: number): Member[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `hoshi${String(i + 1).padStart(4, '0')}`;
    return { loginId: name, mailAddress: `post-${name}@xxx.mm-m.ne.jp`, password };
  });
}

/** The hash of these members' password, in the form of another system. */
export function passwordHash(): string {
  const salt = Buffer.from('sixteen bytes ok');
  const [ln, r, p] = [14, 8, 1];
  const key = scryptSync(password, salt, 32, { N: 2 ** ln, r, p });
  const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  return `$scrypt$ln=${String(ln)},r=${String(r)},p=${String(p)}$${text(salt)}$${text(key)}`;
}
