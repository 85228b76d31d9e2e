package cli

import (
	"fmt"

	"github.com/anishathalye/porcupine"

	"aikagi/backend/recovery"
)

// This file models one member's recoveries under concurrent calls, for porcupine: is there an order of all actions, each
// within the time of its call, in which a single server would have given every answer?
//
// A call consists of several actions, and actions of other calls may come between them. This is allowed:
//
//   - Redeeming first counts the guess (one guarded UPDATE) and then reads the row. So guesses_left in the answer to a
//     wrong guess may also include guesses that were counted after it.
//   - A right guess is counted too, until the transaction that uses the temporary password uncounts it. Before that, a
//     guess beyond the cap is refused as "guesses", although the count falls again.
//   - A look with the grant reads the recovery and then the member. If the password is set in between, the answer is that
//     for a stranger.
//   - If the letter is asked for again after the temporary password was used, the worker connects that recovery with a new
//     one. From then on the used one is wrong there.
//
// Everything else is as if the calls came one after the other.

// recoveriesInRound counts the recovery that was asked for and the letter's own.
const recoveriesInRound = 2

// action is one step of a call.
type action string

const (
	counted    action = "count a guess"
	refused    action = "refuse a guess beyond the cap"
	wrongGuess action = "judge a guess wrong"
	rightGuess action = "judge a guess right"
	oldGuess   action = "judge a guess wrong that was right before the letter was asked for again"
	used       action = "use the temporary password"
	lost       action = "find the temporary password used"
	looked     action = "look as a stranger"
	held       action = "look with the grant, before the password is set"
	unset      action = "find the member's password version unchanged"
	completed  action = "look with the grant, after the password is set"
	asked      action = "ask for the letter again"
	set        action = "set the password"
	denied     action = "find the password set already"
)

// actions returns the actions of a call with such an answer, or nil if no server may answer so.
func (c roundCall) actions() []action {
	outcome := fmt.Sprint(c.what, " ", c.got.status, " ", c.got.word)
	return map[string][]action{
		"wrong 422 temporary_password_wrong": {counted, wrongGuess},
		"wrong 410 guesses":                  {refused},
		"right 200 redeemed":                 {counted, rightGuess, used},
		"right 410 used":                     {counted, rightGuess, lost},
		"right 410 guesses":                  {refused},
		"right 422 temporary_password_wrong": {counted, oldGuess},
		"look 200 waiting":                   {looked},
		"look 200 ended":                     {looked},
		"look held 200 redeemed":             {held, unset},
		"look held 200 completed":            {completed},
		"again 202 ":                         {asked},
		"set 204 ":                           {set},
		"set 401 grant_missing":              {denied},
	}[outcome]
}

// maxCalls bounds the calls of a round.
const maxCalls = 48

// rows is the state of the model. It is comparable, because porcupine compares states.
type rows struct {
	guesses [recoveriesInRound]int
	asked   [recoveriesInRound]bool // whether the letter was asked for again
	ledOn   [recoveriesInRound]bool // whether it leads to another temporary password
	used    bool
	grantAt int // the recovery through which it was used
	set     bool
	done    [maxCalls]int8 // how many actions of each call are done: they come in order
}

// roundAction is the input of a step: the n-th action of a call.
type roundAction struct {
	call roundCall
	n    int
	what action
}

// step does one action, or returns false if it is impossible in this state or if the answer contradicts it.
func step(before, input, _ any) (bool, any) {
	now, d := before.(rows), input.(roundAction)
	if int(now.done[d.call.number]) != d.n {
		return false, now
	}
	now.done[d.call.number]++
	can := now.do(d.what, d.call)
	return can, now
}

// do does an action and reports whether it is possible.
func (r *rows) do(what action, c roundCall) bool {
	left := recovery.MaxGuesses - r.guesses[c.at]
	switch what {
	case counted:
		r.guesses[c.at]++
		return left > 0
	case refused:
		return left == 0
	case wrongGuess:
		return c.got.left == left
	case rightGuess: // the answer to the winner does not count its own guess; the answer to a loser has no guesses_left
		return !r.ledOn[c.at] && (c.got.status == 410 || c.got.left == left+1)
	case oldGuess:
		can := r.ledOn[c.at] || r.asked[c.at] && r.used
		r.ledOn[c.at] = true
		return can && c.got.left == left
	case used:
		can := !r.used
		r.used, r.grantAt = true, c.at
		r.guesses[c.at]--
		return can
	case lost:
		r.guesses[c.at]--
		return r.used
	case looked:
		return c.got.left == left && (c.got.word == "ended") == (left == 0)
	case held:
		return r.opens(c) && c.got.left == left
	case unset:
		return !r.set
	case denied:
		return r.set
	case completed:
		return r.set && r.grantAt == c.at && c.got.left == left
	case asked:
		r.asked[c.at] = true
		return true
	case set:
		can := r.opens(c)
		r.set = true
		return can
	}
	panic("no such action: " + string(what))
}

// opens reports whether the grant can set a password.
func (r *rows) opens(c roundCall) bool { return r.used && r.grantAt == c.at && !r.set }

var oneServerAlone = porcupine.Model{
	Init: func() any { return rows{} },
	Step: step,
	DescribeOperation: func(input, _ any) string {
		d := input.(roundAction)
		return fmt.Sprintf("call %d at recovery %d: %s (%s: %+v)", d.call.number, d.call.at, d.what, d.call.what, d.call.got)
	},
}

// history returns the actions that porcupine orders.
func history(calls []roundCall) []porcupine.Operation {
	var operations []porcupine.Operation
	for _, c := range calls {
		for n, what := range c.actions() {
			operations = append(operations, porcupine.Operation{
				ClientId: c.client, Input: roundAction{c, n, what}, Call: int64(c.from), Return: int64(c.until),
			})
		}
	}
	return operations
}
