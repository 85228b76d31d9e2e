package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// samples are answer times in microseconds.
type samples map[kind][]float64

// call is one request, and the status that answers it.
type call struct {
	kind    kind
	request []byte
	status  int
}

// burst is how long calls follow each other, before the workers are let come to the end of what the calls left them. It
// ends before the resolver begins: times that are full of waiting for the workers' commits hide what is looked for. How
// these commits are felt is asked by the second calls.
const burst = 20 * time.Millisecond

// sample times calls one after the other, all kinds in one random order. Pairs in the order AB or BA would not do: the
// work that A leaves to a worker meets whatever comes next, which in pairs is B three times out of four. Seen is given
// each answer's body; nil looks at none.
func (s *server) sample(calls []call, seen func(k kind, body []byte) error) (samples, error) {
	const warmUp = 200
	rand.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
	for range warmUp {
		if _, _, _, err := s.call(get("/livez")); err != nil {
			return nil, err
		}
	}
	times := make(samples)
	for begun := time.Now(); len(calls) > 0; calls = calls[1:] {
		if time.Since(begun) > burst {
			if err := s.rest(); err != nil {
				return nil, err
			}
			begun = time.Now()
		}
		if err := s.time(calls[0], times, seen); err != nil {
			return nil, err
		}
	}
	return times, nil
}

// time makes a call and notes how long the answer took.
func (s *server) time(c call, into samples, seen func(k kind, body []byte) error) error {
	status, body, took, err := s.call(c.request)
	if err != nil {
		return err
	}
	if status != c.status {
		return fmt.Errorf("%s: got %d %s, want %d", c.kind, status, body, c.status)
	}
	into[c.kind] = append(into[c.kind], float64(took.Nanoseconds())/1000)
	if seen != nil {
		return seen(c.kind, body)
	}
	return nil
}

// pathOf is the path of the recovery that an ask opened.
func pathOf(body []byte) (string, error) {
	var accepted struct {
		ID string `json:"id"`
	}
	err := json.Unmarshal(body, &accepted)
	return "/api/recoveries/" + accepted.ID, err
}
