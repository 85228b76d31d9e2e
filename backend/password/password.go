// Package password judges, hashes and verifies member support passwords.
//
// [Check] judges a new password: it returns all broken rules as a list of [Violation]. A [Plain] carries the text of a
// password and never prints it.
//
// A [Hasher] makes Argon2id hashes ([Hasher.Hash]) and verifies them and those of other systems ([Hasher.Verify]):
// argon2i, bcrypt, scrypt, PBKDF2, sha256-crypt, sha512-crypt and md5-crypt. [Usable] tells whether an imported hash can
// be verified at a bounded cost, and [Hasher.Outdated] whether a hash must be replaced at the next sign-in. A fixed
// number of workers hash at the same time. The others wait in two queues, [MemberLane] before [SignInLane], so that a
// flood of sign-ins does not delay members who hold a grant or a session.
//
// A sign-in with an unknown login ID is verified against a dummy hash ([Dummies]), so that neither its duration nor its
// scheme shows that no member has that login ID.
package password

import "aikagi/backend/secret"

// Plain is the text of a member support password. It does not print; Reveal returns the text.
type Plain struct{ secret.Value[string] }

// NewPlain takes a password exactly as received: never cut, trimmed or folded (ASVS 6.2.8).
func NewPlain(text string) Plain { return Plain{secret.New(text)} }
