package repotest_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// forbiddenWords are words that pages, comments and messages avoid, each with the reason.
var forbiddenWords = map[string]string{
	"nobody":    "name the actor: no client, no user",
	"no one":    "name the actor: no client, no user",
	"somebody":  "name the actor: a client, an attacker, another user",
	"someone":   "name the actor: a client, an attacker, another user",
	"whoever":   "name the actor: the client that, an attacker who",
	"whomever":  "name the actor: the client that, an attacker who",
	"anybody":   "name the actor: every client, an attacker",
	"anyone":    "name the actor: every client, an attacker",
	"everybody": "name the actor: every client, all users",
	"everyone":  "name the actor: every client, all users",
}

func TestPages_ForbiddenWords_AreAbsent(t *testing.T) {
	pages := markdown(t)
	for _, page := range pages {
		for _, problem := range wordProblems(string(MustRead(t, page))) {
			t.Errorf("%s:%s", page, problem)
		}
	}
	if len(pages) < 40 {
		t.Errorf("found %d pages, want at least 40", len(pages))
	}
}

func TestWordProblems_ForbiddenWord_NamesLineAndReason(t *testing.T) {
	expectProblems(t, wordProblems("One line.\nNobody calls,\nnor does anyone.\n"),
		`2: "nobody": name the actor: no client, no user`,
		`3: "anyone": name the actor: every client, an attacker`)
	expectProblems(t, wordProblems("`TestLogin_TellsNobodyWhoHasAnAccount` is the name of a test."))
}

// wordProblems returns the forbidden words of a text, each with its line and reason.
// A word within a longer name, such as a test's name, is allowed.
func wordProblems(text string) (problems []string) {
	lines := strings.Split(text, "\n")
	for word, reason := range forbiddenWords {
		whole := regexp.MustCompile(`(?i)\b` + word + `\b`)
		for i, line := range lines {
			if whole.MatchString(line) {
				problems = append(problems, fmt.Sprintf("%d: %q: %s", i+1, word, reason))
			}
		}
	}
	return problems
}
