package recovery

import (
	"testing"
)

func TestAViewTellsTheGuessesThatAreLeft(t *testing.T) {
	for guesses, want := range map[int]View{
		0: {State: Waiting, GuessesLeft: 5}, 4: {State: Waiting, GuessesLeft: 1}, 5: {State: Ended}, 6: {State: Ended},
	} {
		if got := (Recovery{Guesses: guesses}).view(); got != want {
			t.Errorf("%d guesses: got %+v, want %+v", guesses, got, want)
		}
	}
}
