package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// samples are answer times in microseconds.
type samples map[kind][]float64

// call is one request, and the status that its answer must have.
type call struct {
	kind    kind
	request []byte
	status  int
}

// burst is how long calls follow each other before sample waits until the workers are idle. A burst ends before the resolver begins:
// waiting for the workers' commits would hide the differences that this check looks for. The scenarios with second calls measure
// the effect of these commits.
const burst = 20 * time.Millisecond

// sample times the calls one after the other, in random order. Pairs in the order AB or BA would be wrong: the work that A leaves to
// a worker slows down the next call, which would be a B in three of four cases. read gets the body of each answer; it may be nil.
func (s *server) sample(calls []call, read func(k kind, body []byte) error) (samples, error) {
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
			if err := s.awaitIdle(); err != nil {
				return nil, err
			}
			begun = time.Now()
		}
		if err := s.time(calls[0], times, read); err != nil {
			return nil, err
		}
	}
	return times, nil
}

// time makes a call and records how long the answer took.
func (s *server) time(c call, into samples, read func(k kind, body []byte) error) error {
	status, body, took, err := s.call(c.request)
	if err != nil {
		return err
	}
	if status != c.status {
		return fmt.Errorf("%s: got %d %s, want %d", c.kind, status, body, c.status)
	}
	into[c.kind] = append(into[c.kind], float64(took.Nanoseconds())/1000)
	if read != nil {
		return read(c.kind, body)
	}
	return nil
}

// pathOf gives the path of the recovery from the answer to an ask.
func pathOf(body []byte) (string, error) {
	var accepted struct {
		ID string `json:"id"`
	}
	err := json.Unmarshal(body, &accepted)
	return "/api/recoveries/" + accepted.ID, err
}
