package main

import (
	"fmt"
	"net/http"

	"aikagi/backend/testkit/fleet"
	"aikagi/backend/testkit/sink"
)

// askFor asks for recovery for the n-th member.
func askFor(browser *fleet.Browser, n int) (fleet.Answer, error) {
	return browser.Call("POST", "/api/recoveries", "login_id", fleet.LoginID(n), "mail_address", fleet.MailAddress(n))
}

// askAccepted is askFor; the error is also of an ask that is not accepted.
func askAccepted(browser *fleet.Browser, n int) error {
	answer, err := askFor(browser, n)
	return wantStatus(http.StatusAccepted, answer, err)
}

// redeem redeems the temporary password of a letter.
func redeem(browser *fleet.Browser, letter sink.Letter) error {
	answer, err := browser.Call("POST", letter.RecoveryPath()+"/redemption", "temporary_password", letter.TemporaryPassword())
	return wantStatus(http.StatusOK, answer, err)
}

// setPassword sets newPassword through the recovery of a letter.
func setPassword(browser *fleet.Browser, letter sink.Letter) error {
	answer, err := browser.Call("PUT", letter.RecoveryPath()+"/password", "new_password", newPassword)
	return wantStatus(http.StatusNoContent, answer, err)
}

// signIn signs in.
func signIn(browser *fleet.Browser, loginID, password string) (fleet.Answer, error) {
	return browser.Call("POST", "/api/session", "login_id", loginID, "password", password)
}

// signInAccepted is signIn; the error is also of a sign-in that is refused.
func signInAccepted(browser *fleet.Browser, loginID, password string) error {
	answer, err := signIn(browser, loginID, password)
	return wantStatus(http.StatusOK, answer, err)
}

func wantStatus(want int, answer fleet.Answer, err error) error {
	if err == nil && answer.Status != want {
		err = fmt.Errorf("got %d %s, want %d", answer.Status, answer.Body, want)
	}
	return err
}
