package password

import (
	_ "embed"
	"strings"
	"unicode/utf8"
)

// words are the words that guessing programs try first: sorted, one a line, lower-case ASCII letters only. isListed
// searches this text directly, so that no index takes time at the start or space on the heap. wordlist/NOTICE.md names
// the sources.
//
//go:embed wordlist/words.txt
var words string

const (
	// minWord is the length of the shortest word in the list. Shorter words occur in random passwords.
	minWord = 4
	// maxRuns is the largest number of runs in a common password. A run (abcd, 111, qwerty, or one character) is as easy
	// to guess as one character.
	maxRuns = 4
	// minRun is the length of the shortest run of more than one character.
	minRun = 3
	// maxUnit is the length of the longest unit whose repetition makes a common password.
	maxUnit = 4
	// minRepeated is the length of the shortest text that counts as a repetition.
	minRepeated = 6
)

// sequences are the alphabet, the digits, the rows of a Japanese keyboard (where @ follows p, and - follows 0), its
// columns, and the zigzag over two rows. A run may follow a sequence forwards or backwards.
var sequences = [...]string{
	"abcdefghijklmnopqrstuvwxyz", "0123456789", "1234567890-",
	"qwertyuiop@", "asdfghjkl", "zxcvbnm",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujm",
	"1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "qawsedrftgyhujikolp",
}

// isCommon reports whether a guessing program tries the password early: it consists of few runs, it repeats a short
// unit, or it disguises a word of the list. The text is folded to lower case and has at most MaxLength characters.
func isCommon(folded string) bool {
	return runs(folded) <= maxRuns || isRepeated(folded) || isDisguisedWord(folded)
}

// runs counts the runs in the text. A run is a part of a sequence, a repeated character, or a single character:
// abcd12345 has two runs, aaaaaaaa1 two, kt7vrm2qb nine.
func runs(text string) int {
	count := 0
	for len(text) > 0 {
		text = text[max(runLength(text), firstLength(text)):]
		count++
	}
	return count
}

// runLength returns the length in bytes of the longest run at the start of the text, or 0 if it is shorter than minRun.
func runLength(text string) int {
	longest := repeatLength(text)
	for _, sequence := range sequences {
		longest = max(longest, sequenceLength(text, sequence, 1), sequenceLength(text, sequence, -1))
	}
	if longest < minRun {
		return 0
	}
	return longest
}

// repeatLength returns the length in bytes of the repeated first character at the start of the text.
func repeatLength(text string) int {
	return len(text) - len(strings.TrimLeft(text, text[:firstLength(text)]))
}

// sequenceLength returns how many bytes at the start of the text follow the sequence: forwards with step 1, backwards
// with step -1.
func sequenceLength(text, sequence string, step int) int {
	at := strings.IndexByte(sequence, text[0])
	length := 0
	for at >= 0 && at < len(sequence) && length < len(text) && text[length] == sequence[at] {
		length++
		at += step
	}
	return length
}

func firstLength(text string) int {
	_, size := utf8.DecodeRuneInString(text)
	return size
}

// isRepeated reports whether the text repeats a unit of at most maxUnit characters.
func isRepeated(text string) bool {
	return len(text) >= minRepeated && utf8.RuneCountInString(unit(text)) <= maxUnit
}

// unit returns the shortest prefix whose repetition makes the whole text. The last repetition may be cut short. If no
// prefix repeats, it returns the text.
func unit(text string) string {
	for size := 1; 2*size <= len(text); size++ {
		if text[size:] == text[:len(text)-size] {
			return text[:size]
		}
	}
	return text
}

// isDisguisedWord reports whether the text is a word of the list with digits and symbols at its ends and leet inside.
// A digit at an end may belong to the word (hell0123, 1love-u), so it tries every way to cut the ends.
func isDisguisedWord(folded string) bool {
	first, last := strings.IndexFunc(folded, isLower), strings.LastIndexFunc(folded, isLower)
	for start := 0; start <= first; start++ {
		for end := last + 1; end <= len(folded); end++ {
			inner := folded[start:end]
			if isWordOrRepeated(undoLeet(inner, 'i')) || isWordOrRepeated(undoLeet(inner, 'l')) {
				return true
			}
		}
	}
	return false
}

// isWordOrRepeated reports whether the text is a word of the list, or repeats such a word or a short unit.
func isWordOrRepeated(text string) bool {
	return isListed(text) || isListed(unit(text)) || isRepeated(text)
}

// undoLeet replaces digits and @ with the letters that they resemble. A 1 resembles i and l; one says which to use.
func undoLeet(text string, one rune) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '@', '4':
			return 'a'
		case '3':
			return 'e'
		case '1':
			return one
		case '0':
			return 'o'
		case '5':
			return 's'
		case '7':
			return 't'
		}
		return r
	}, text)
}

// isListed searches the lines of words by bisection.
func isListed(word string) bool {
	if len(word) < minWord {
		return false
	}
	low, high := 0, len(words)
	for low < high {
		middle := low + (high-low)/2
		start := low + strings.LastIndexByte(words[low:middle], '\n') + 1
		line, _, _ := strings.Cut(words[start:], "\n")
		switch {
		case line == word:
			return true
		case line < word:
			low = start + len(line) + 1
		default:
			high = start
		}
	}
	return false
}
