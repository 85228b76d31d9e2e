package recovery

import (
	"slices"
	"testing"

	"aikagi/backend/member"
)

func TestAnAskThatWasSetAsideHasATransactionOfItsOwn(t *testing.T) {
	matches := make([]match, transactionSize+3)
	matches[1].ask.SetAside, matches[5].ask.SetAside = 1, 2
	var sizes []int
	for _, set := range transactionSets(matches) {
		sizes = append(sizes, len(set))
	}
	if want := []int{transactionSize, 1, 1, 1}; !slices.Equal(sizes, want) {
		t.Errorf("got sets of %v, want %v", sizes, want)
	}
}

func TestAMemberOfManyMatchesIsLockedOnce(t *testing.T) {
	got := memberIDs([]match{{memberID: 1}, {memberID: 1}, {memberID: 4}, {memberID: 4}, {memberID: 9}})
	if want := []member.ID{1, 4, 9}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
