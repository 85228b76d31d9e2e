package password

import (
	_ "embed"
	"strings"
	"unicode/utf8"
)

// words are the words that are tried first, sorted, one a line, lower-case ASCII letters only. They are
// searched where they lie in the program: nothing is built at start, nothing is put on the heap.
// wordlist/NOTICE.md says where they come from.
//
//go:embed wordlist/words.txt
var words string

const (
	// minWord is the shortest word of the list: shorter ones turn up in random passwords.
	minWord = 4
	// maxPieces is how many pieces of a pattern (Pieces: abcd, 111, qwerty, or one character) still make
	// a password that is as easy to guess as four characters are.
	maxPieces = 4
	// minRun is the shortest piece of more than one character.
	minRun = 3
	// maxUnit is the longest text that makes a common password when it is said again and again.
	maxUnit = 4
	// minRepeated is the shortest text that counts as said again and again.
	minRepeated = 6
)

// tracks are the ways a finger or a child goes: the alphabet, the digits, the rows of a Japanese keyboard
// (@ is right of p there, - right of 0), its columns, and the zigzag over two rows. Both directions count.
var tracks = [...]string{
	"abcdefghijklmnopqrstuvwxyz", "0123456789", "1234567890-",
	"qwertyuiop@", "asdfghjkl", "zxcvbnm",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujm",
	"1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "qawsedrftgyhujikolp",
}

// isCommon says whether a password, case folded, is one that is tried first: a pattern, something said
// again and again, or a word of the list in a plain disguise. It is asked of at most MaxLength characters.
func isCommon(folded string) bool {
	return pieces(folded) <= maxPieces || isRepeated(folded) || isDisguisedWord(folded)
}

// pieces counts the runs that make up the text: parts of a track, one character many times, or single
// characters. Abcd12345 is two pieces, Aaaaaaaa1 two, kT7vRm2qB nine.
func pieces(text string) int {
	count := 0
	for len(text) > 0 {
		text = text[max(runLength(text), firstLength(text)):]
		count++
	}
	return count
}

// runLength is the length in bytes of the longest run at the start of the text, 0 when there is none.
func runLength(text string) int {
	longest := sameLength(text)
	for _, track := range tracks {
		longest = max(longest, commonLength(text, track, 1), commonLength(text, track, -1))
	}
	if longest < minRun {
		return 0
	}
	return longest
}

// sameLength is how often the first byte stands at the start of the text.
func sameLength(text string) int {
	return len(text) - len(strings.TrimLeft(text, text[:firstLength(text)]))
}

// commonLength is how far the text goes along the track, or back along it with step -1.
func commonLength(text, track string, step int) int {
	at := strings.IndexByte(track, text[0])
	length := 0
	for at >= 0 && at < len(track) && length < len(text) && text[length] == track[at] {
		length++
		at += step
	}
	return length
}

func firstLength(text string) int {
	_, size := utf8.DecodeRuneInString(text)
	return size
}

// isRepeated says whether the text is a short one again and again.
func isRepeated(text string) bool {
	return len(text) >= minRepeated && utf8.RuneCountInString(unit(text)) <= maxUnit
}

// unit is the shortest beginning that, said at least twice (the last time perhaps not to its end), gives the
// whole text; or the text itself.
func unit(text string) string {
	for size := 1; 2*size <= len(text); size++ {
		if text[size:] == text[:len(text)-size] {
			return text[:size]
		}
	}
	return text
}

// isDisguisedWord says whether a word of the list is left when what is not a letter is taken from both ends
// and leet is undone in the rest. How much of the ends belongs to the word is not known (hell0123, 1love-u):
// every cut is tried.
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

// isWordOrRepeated says whether the text is listed, once or again and again, or a short unit repeated.
func isWordOrRepeated(text string) bool {
	return isListed(text) || isListed(unit(text)) || isRepeated(text)
}

// undoLeet gives the letters that digits and @ stand for. A 1 stands for i or for l. Two words with something
// between them are no longer one that is tried first.
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

// isListed searches the lines of words.
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
