package cli

import (
	"fmt"

	"github.com/anishathalye/porcupine"

	"aikagi/backend/recovery"
)

// The model of one member's recoveries under concurrent calls, for porcupine: is there one order of all that was
// done, each deed within its call's time, in which one server alone would have given every answer?
//
// A call is not one deed but a few, one after the other, and others come between them. That is allowed, and why:
//
//   - Redeeming counts first (one guarded UPDATE) and then reads the row to judge. So the guesses_left that a wrong
//     guess hears may have fallen further by others since it was counted.
//   - A right guess is counted too, until the transaction that uses the temporary password up takes it back. While it
//     holds the count, a guess beyond the cap is refused as "guesses", though the count falls again.
//   - A look with the grant reads the recovery and then the member. A password set in between makes it hear what a
//     stranger hears.
//   - Asking for the letter again after the temporary password was used leads that recovery to a new one, when the
//     worker comes to it. From some moment on the used one is wrong there.
//
// Everything else is as if the calls came one after the other.

// recoveriesInRound are the ask's and the letter's own.
const recoveriesInRound = 2

// deed is one thing done within a call.
type deed string

const (
	counted   deed = "count a guess"
	refused   deed = "refuse a guess beyond the cap"
	judged    deed = "judge a guess wrong"
	fit       deed = "judge a guess right"
	ledOn     deed = "judge a guess wrong that was right before the letter was asked for again"
	used      deed = "use the temporary password"
	lost      deed = "find the temporary password used"
	looked    deed = "look as a stranger"
	held      deed = "look with the grant, before the password is set"
	unset     deed = "find the member's password version unchanged"
	completed deed = "look with the grant, after the password is set"
	asked     deed = "ask for the letter again"
	set       deed = "set the password"
	denied    deed = "find the password set already"
)

// deeds are those of a call that was answered so; nil when no server may answer so.
func (c roundCall) deeds() []deed {
	outcome := fmt.Sprint(c.what, " ", c.got.status, " ", c.got.word)
	return map[string][]deed{
		"wrong 422 temporary_password_wrong": {counted, judged},
		"wrong 410 guesses":                  {refused},
		"right 200 redeemed":                 {counted, fit, used},
		"right 410 used":                     {counted, fit, lost},
		"right 410 guesses":                  {refused},
		"right 422 temporary_password_wrong": {counted, ledOn},
		"look 200 waiting":                   {looked},
		"look 200 ended":                     {looked},
		"look held 200 redeemed":             {held, unset},
		"look held 200 completed":            {completed},
		"again 202 ":                         {asked},
		"set 204 ":                           {set},
		"set 401 grant_missing":              {denied},
	}[outcome]
}

// maxCalls bounds a round's.
const maxCalls = 48

// rows is the model's state. It is comparable, which is how porcupine knows a state again.
type rows struct {
	guesses [recoveriesInRound]int
	asked   [recoveriesInRound]bool // for the letter again
	ledOn   [recoveriesInRound]bool // leads to another temporary password
	used    bool
	grantAt int // the recovery through which it was used
	set     bool
	done    [maxCalls]int8 // of each call's deeds: they come in their order
}

// roundDeed is the input of a step: the n-th deed of a call.
type roundDeed struct {
	call roundCall
	n    int
	what deed
}

// step does one deed, or says that it cannot be done, or heard, now.
func step(before, input, _ any) (bool, any) {
	now, d := before.(rows), input.(roundDeed)
	if int(now.done[d.call.number]) != d.n {
		return false, now
	}
	now.done[d.call.number]++
	can := now.do(d.what, d.call)
	return can, now
}

func (r *rows) do(what deed, c roundCall) bool {
	left := recovery.MaxGuesses - r.guesses[c.at]
	switch what {
	case counted:
		r.guesses[c.at]++
		return left > 0
	case refused:
		return left == 0
	case judged:
		return c.got.left == left
	case fit: // the winner is told without its own guess; a loser is told nothing
		return !r.ledOn[c.at] && (c.got.status == 410 || c.got.left == left+1)
	case ledOn:
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
	panic("no such deed: " + string(what))
}

// opens says that the grant can set a password.
func (r *rows) opens(c roundCall) bool { return r.used && r.grantAt == c.at && !r.set }

var oneServerAlone = porcupine.Model{
	Init: func() any { return rows{} },
	Step: step,
	DescribeOperation: func(input, _ any) string {
		d := input.(roundDeed)
		return fmt.Sprintf("call %d at recovery %d: %s (%s: %+v)", d.call.number, d.call.at, d.what, d.call.what, d.call.got)
	},
}

// history is what porcupine orders.
func history(calls []roundCall) []porcupine.Operation {
	var operations []porcupine.Operation
	for _, c := range calls {
		for n, what := range c.deeds() {
			operations = append(operations, porcupine.Operation{
				ClientId: c.client, Input: roundDeed{c, n, what}, Call: int64(c.from), Return: int64(c.until),
			})
		}
	}
	return operations
}
