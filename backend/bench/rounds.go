package main

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
)

// way is one way to do a piece of work, and what it measured: one value for each round.
type way struct {
	name string
	// round does the work once and returns the value.
	round func() (float64, error)
	// settle, if set, waits after each round until nothing of its work is left. It is not measured.
	settle func() error

	values []float64
	// generator is the share of the machine's processor time that this process took, for each round.
	generator []float64
}

// takeTurns measures each way once in each round, so that the machine's other work meets all of them alike.
func takeTurns(rounds int, ways ...*way) error {
	for range rounds {
		for _, w := range ways {
			if err := w.measure(); err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
		}
	}
	return nil
}

func (w *way) measure() error {
	used, begun := ownProcessorTime(), time.Now()
	value, err := w.round()
	if err != nil {
		return err
	}
	available := time.Since(begun) * time.Duration(runtime.NumCPU())
	w.values = append(w.values, value)
	w.generator = append(w.generator, (ownProcessorTime()-used).Seconds()/available.Seconds())
	if w.settle != nil {
		return w.settle()
	}
	return nil
}

// summary is the median, the least and the greatest of the values of all rounds.
type summary struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// summarise returns zeros when there are no values.
func summarise(values []float64) summary {
	if len(values) == 0 {
		return summary{}
	}
	sorted := slices.Sorted(slices.Values(values))
	return summary{Median: sorted[len(sorted)/2], Min: sorted[0], Max: sorted[len(sorted)-1]}
}

// ratios divides the values of each round. Both ways were measured in the same rounds.
func ratios(own, other []float64) []float64 {
	all := make([]float64, min(len(own), len(other)))
	for i := range all {
		all[i] = own[i] / other[i]
	}
	return all
}

// opener prepares one client: do is called again and again by one goroutine, leave at the end.
type opener func() (do func() error, leave func(), err error)

// perSecond lets clients work side by side for some time and returns how often they did it in a second.
func perSecond(clients int, lasts time.Duration, open opener) (float64, error) {
	all := make([]func() error, clients)
	for i := range all {
		do, leave, err := open()
		if leave != nil {
			defer leave()
		}
		if err != nil {
			return 0, err
		}
		all[i] = do
	}
	failed, counts := make([]error, clients), make([]int, clients)
	var working sync.WaitGroup
	begun := time.Now()
	for i, do := range all {
		working.Go(func() {
			for count := 0; time.Since(begun) < lasts; count++ {
				if failed[i] = do(); failed[i] != nil {
					return
				}
				counts[i] = count + 1
			}
		})
	}
	working.Wait()
	took, done := time.Since(begun), 0
	for i := range all {
		if failed[i] != nil {
			return 0, failed[i]
		}
		done += counts[i]
	}
	return float64(done) / took.Seconds(), nil
}

// medianOf lets one client work so often, one after the other, and returns the median time in milliseconds.
func medianOf(times int, open opener) (float64, error) {
	do, leave, err := open()
	if leave != nil {
		defer leave()
	}
	if err != nil {
		return 0, err
	}
	took := make([]time.Duration, times)
	for i := range took {
		begun := time.Now()
		if err := do(); err != nil {
			return 0, err
		}
		took[i] = time.Since(begun)
	}
	return ms(at(took, 0.5)), nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// at returns the value below which a share of them lie.
func at(all []time.Duration, share float64) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}
