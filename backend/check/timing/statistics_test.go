package main

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestTheFiguresAreThoseOfTheFormulas(t *testing.T) {
	for _, known := range []struct {
		name      string
		got, want float64
	}{
		{"Welch's t", welch([]float64{1, 2, 3, 4, 5}, []float64{2, 4, 6, 8, 10}), 3 / math.Sqrt(2.5)},
		{"Welch's t of unequal sizes", welch([]float64{1, 3}, []float64{4, 6, 8}), 4 / math.Sqrt(1+4.0/3)},
		{"the rank test", mannWhitney([]float64{1, 2, 3}, []float64{4, 5, 6}), 4.5 / math.Sqrt(5.25)},
		{"the rank test with ties", mannWhitney([]float64{1, 2, 2}, []float64{2, 3, 4}), 3.5 / math.Sqrt(4.65)},
		{"the median of three", median([]float64{3, 1, 2}), 2},
		{"the median of four", median([]float64{4, 1, 3, 2}), 2.5},
	} {
		if math.Abs(known.got-known.want) > 1e-12 {
			t.Errorf("%s: got %v, want %v", known.name, known.got, known.want)
		}
	}
}

// times resembles the times of answers: a base, a skewed distribution, and one long wait in a hundred.
func times(random *rand.Rand, count int, base float64) []float64 {
	sample := make([]float64, count)
	for i := range sample {
		sample[i] = base + 50*random.ExpFloat64()
		if random.IntN(100) == 0 {
			sample[i] += 20_000 * random.ExpFloat64()
		}
	}
	return sample
}

func TestSamplesOfOneDistributionDoNotDiffer(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 50 {
		if v := judge(times(random, 2000, 500), times(random, 2000, 500)); v.differ() {
			t.Errorf("round %d: got %+v, want every figure below %v", round, v, tooFar)
		}
	}
}

func TestAPlantedShiftIsDetectedThoughOutliersHideItFromTheRawTimes(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	v := judge(times(random, 20_000, 500), times(random, 20_000, 505))
	if math.Abs(v.raw) >= tooFar {
		t.Errorf("got t=%v of the raw times, want below %v: the outliers of this test hide nothing", v.raw, tooFar)
	}
	if v.cropped < tooFar || v.rank < tooFar {
		t.Errorf("got cropped t=%v, z=%v, want both above %v", v.cropped, v.rank, tooFar)
	}
}

func TestAFasterSecondSampleIsDetectedToo(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	if v := judge(times(random, 20_000, 505), times(random, 20_000, 500)); v.cropped > -tooFar || !v.differ() {
		t.Errorf("got %+v, want a cropped t below %v", v, -tooFar)
	}
}
