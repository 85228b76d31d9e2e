// Package testkit has what the tests of several packages need. The program does not import it.
//
//   - [MySQL] and [SQLite] return the settings of fresh databases, [Open] opens and migrates one, and [OnBoth] runs a test on
//     both dialects.
//   - [World] is the whole recovery over a real database: the service, the resolver and the postman, with a [Clock] that only
//     moves when a test moves it, and an [Outbox] in place of the mail server.
//   - [TemporaryPasswordIn], [RecoveryIn] and [LineAfter] read letters as a member reads them.
//   - [WantUnprintable] checks that a value never prints its secret.
//
// Its sub-packages run real parts on free ports of the loopback interface: fleet runs MariaDB, Galera, Redis, Sentinel,
// nginx and the built program as processes; sink is a mail server, otlp a receiver of traces, and pebble a CA for ACME.
// The commands services and smtpsink run them for the npm tasks.
package testkit
