package main

import (
	"database/sql"
	"fmt"
	"time"

	_ "github.com/go-sql-driver/mysql" // to fill the tables

	"aikagi/backend/testkit/fleet"
	"aikagi/backend/testkit/sink"
)

// build starts all processes, with the former program on both servers.
func (s *site) build(former, key string, members, recoveries int) error {
	database, err := s.fleet.NewMariaDB("mariadb", "--innodb-buffer-pool-size=512M")
	if err != nil {
		return err
	}
	redis, err := s.fleet.NewRedis("redis")
	if err != nil {
		return err
	}
	for _, process := range []*fleet.Process{database.Process, redis.Process} {
		if err := process.Start(); err != nil {
			return err
		}
	}
	if err := database.CreateDatabase("aikagi"); err != nil {
		return err
	}
	if s.mails, err = sink.Start(time.Now); err != nil {
		return err
	}
	settings := fleet.Settings{
		Database: fleet.URL("aikagi", database), Redis: redis.URL(), SMTP: s.mails.SMTP(), Key: key,
		More: append([]string{"AIKAGI_TRUSTED_PROXIES=127.0.0.1", "AIKAGI_RATE_LIMITS=off", "AIKAGI_STOP_DELAY=5s"}, fleet.CheapHashing...),
	}
	for n := range s.servers {
		if s.servers[n], err = s.fleet.NewProgram(fmt.Sprintf("server%d", n+1), settings); err != nil {
			return err
		}
		s.servers[n].Become(former)
	}
	if _, err := s.servers[0].RunAs(former, "migrate"); err != nil {
		return err
	}
	if s.opened, err = fleet.OpenStore(fleet.Where("aikagi", database)); err != nil {
		return err
	}
	if err := fleet.Enrol(s.opened, members, ""); err != nil {
		return err
	}
	if err := addOldRecoveries(database.Port, recoveries); err != nil {
		return err
	}
	for _, server := range s.servers {
		if err := server.Start(); err != nil {
			return err
		}
	}
	s.front, err = s.fleet.StartNginx("backend/deploy/nginx/balanced.conf", map[string]string{
		"10.0.0.11:8080": s.servers[0].Base, "10.0.0.12:8080": s.servers[1].Base,
	})
	return err
}

// addOldRecoveries adds recoveries that are 3 to 20 days old. One half are decoys, the other half led to a letter.
func addOldRecoveries(port, count int) error {
	db, err := sql.Open("mysql", fmt.Sprintf("root@tcp(127.0.0.1:%d)/aikagi", port))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	const batch = 250_000
	for from := 1; from <= count; from += batch {
		_, err := db.Exec(fmt.Sprintf(`INSERT INTO recoveries (id, receipt, login_id, mail_address_mac, language, client, origin, asked_at, letter_asked_at,
				gone_at, member_id, issuance_id, key_name, outcome, claimed_until)
			SELECT UPPER(LEFT(SHA2(seq, 256), 26)), LPAD(seq, 8, '0'), CONCAT('member', seq %% 500000), CONCAT('old:', LEFT(SHA2(seq, 256), 43)), 'ja', '10.0.0.1', 'ask',
				@asked := UTC_TIMESTAMP() - INTERVAL (3 + seq %% 17) DAY, @asked, @asked + INTERVAL 1 DAY, seq %% 500000, UPPER(LEFT(SHA2(-seq, 256), 26)), 'old',
				IF(seq %% 2, 'letter', 'unknown_login_id'), '2000-01-01' FROM seq_%d_to_%d`, from, min(count, from+batch-1)))
		if err != nil {
			return fmt.Errorf("add old recoveries: %w", err)
		}
	}
	_, err = db.Exec("ANALYZE TABLE members, recoveries")
	return err
}
