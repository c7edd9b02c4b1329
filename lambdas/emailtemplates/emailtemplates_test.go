package emailtemplates_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/local"
)

const app = "Expenzez"

var update = flag.Bool("update", false, "write testdata anew from what the messages say now")

// MustRender returns a message as it is sent or ends the test.
func MustRender(t *testing.T, message emailtemplates.Message) emailtemplates.Mail {
	t.Helper()
	mail, err := emailtemplates.Render(app, message)
	if err != nil {
		t.Fatal(err)
	}
	return mail
}

func eachExample(t *testing.T, test func(t *testing.T, message emailtemplates.Message, mail emailtemplates.Mail)) {
	for _, message := range emailtemplates.Examples() {
		t.Run(message.Name(), func(t *testing.T) { test(t, message, MustRender(t, message)) })
	}
}

// The HTML says the same, and how it looks is in compiled.
func TestMessages_MatchGoldenFiles(t *testing.T) {
	eachExample(t, func(t *testing.T, message emailtemplates.Message, mail emailtemplates.Mail) {
		got, file := "Subject: "+mail.Subject+"\n\n"+mail.Text, filepath.Join("testdata", message.Name()+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("differs from %s. If that is meant, go test ./lambdas/emailtemplates -update. It is\n%s", file, got)
		}
	})
}

func TestExamples_MatchMessagesAndTemplates(t *testing.T) {
	var source []byte
	for _, file := range []string{"messages.go", "digest.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, text...)
	}
	examples := map[string]bool{}
	for _, message := range emailtemplates.Examples() {
		examples[message.Name()] = true
	}
	declared := regexp.MustCompile(`Name\(\) string \{ return "(\w+)" \}`).FindAllStringSubmatch(string(source), -1)
	if len(declared) != len(examples) {
		t.Errorf("%d messages are declared, %d have an example", len(declared), len(examples))
	}
	for _, name := range declared {
		if !examples[name[1]] {
			t.Errorf("%s has no example", name[1])
		}
	}
	files, err := filepath.Glob("compiled/*")
	if err != nil || len(files) != 2*len(examples) {
		t.Errorf("%d files, %v; want a text and an HTML of each message", len(files), err)
	}
}

// The text and the HTML of an e-mail contain the same information.
func TestMessages_TextAndHTML_SayTheSame(t *testing.T) {
	eachExample(t, func(t *testing.T, _ emailtemplates.Message, mail emailtemplates.Mail) {
		seen, err := local.Message{HTML: mail.HTML}.PlainText()
		if err != nil {
			t.Fatal(err)
		}
		if html, text := strings.Join(strings.Fields(seen), " "), strings.Join(strings.Fields(mail.Text), " "); html != text {
			t.Errorf("the HTML says\n%s\nthe text says\n%s", html, text)
		}
	})
}

// Mail programs fetch nothing and follow nothing: there is nothing to track with
// and nothing to imitate.
func TestMessages_LoadNothing(t *testing.T) {
	out := regexp.MustCompile(`(?i)https?:|href|src=|url\(|@import|<img|<script|<form|<link`)
	eachExample(t, func(t *testing.T, _ emailtemplates.Message, mail emailtemplates.Mail) {
		if found := out.FindAllString(mail.HTML+mail.Text, -1); len(found) > 0 {
			t.Errorf("found %q", found)
		}
	})
}

func TestMessages_SurviveTransport(t *testing.T) {
	eachExample(t, func(t *testing.T, _ emailtemplates.Message, mail emailtemplates.Mail) {
		if strings.ContainsAny(mail.Subject, "\r\n") || len(mail.Subject) > 78 {
			t.Errorf("the subject is %q", mail.Subject)
		}
		for line := range strings.SplitSeq(mail.Text, "\n") {
			if utf8.RuneCountInString(line) > 78 { // https://datatracker.ietf.org/doc/html/rfc5322#section-2.1.1
				t.Errorf("the line is too long for a terminal: %q", line)
			}
		}
		for line := range strings.SplitSeq(mail.HTML, "\n") {
			if len(line) > 998 {
				t.Errorf("no mail server need take a line of %d bytes: %q", len(line), line)
			}
		}
		if again := MustRender(t, emailtemplates.Examples()[0]); again != MustRender(t, emailtemplates.Examples()[0]) {
			t.Error("the same message is another one each time")
		}
	})
}

func TestSecurityMessages_SayWhatToDo(t *testing.T) {
	eachExample(t, func(t *testing.T, message emailtemplates.Message, mail emailtemplates.Mail) {
		if !strings.Contains(mail.Text, "\nIf this was not you\n") && !strings.Contains(mail.Text, "\nIf you did not ask for it\n") {
			t.Errorf("%s does not say what to do if another person caused it:\n%s", message.Name(), mail.Text)
		}
	})
}

func TestMessages_Values_AreEscaped(t *testing.T) {
	const hostile = `<script>alert("1")</script>&'`
	mail, err := emailtemplates.Render(hostile, emailtemplates.Username{Username: hostile})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(mail.HTML, "<script") || strings.Contains(mail.HTML, `"1"`) {
		t.Errorf("the HTML has the tag:\n%s", mail.HTML)
	}
	if seen, err := (local.Message{HTML: mail.HTML}).PlainText(); err != nil || strings.Count(seen, hostile) < 2 {
		t.Errorf("the reader sees\n%s", seen)
	}
	if !strings.Contains(mail.Text, hostile) {
		t.Errorf("the text has it changed:\n%s", mail.Text)
	}
}

func TestDeviceName_LinksAndControls_AreRemoved(t *testing.T) {
	for name, want := range map[string]string{
		"Ada's iPhone 15 Pro":        "Ada's iPhone 15 Pro",
		"Zoë’s Handy (rot), 日本語":     "Zoë’s Handy (rot), 日本語",
		"SM-G991B_2":                 "SM-G991B_2",
		"https://evil.example/login": "https evil example login",
		"me@evil.example":            "me evil example",
		"a\r\nBcc: b\t\x00c":         "a Bcc b c",
		"\u202Eenohp \u200B\u2066x":  "enohp x",
		"":                           "unknown",
		"... ::: ///":                "unknown",
		"Call us now on 0800 000 000 to stop this": "Call us now on 0800 000 000 to stop this",
		strings.Repeat("long ", 20):                strings.TrimSpace(strings.Repeat("long ", 8)) + "...",
	} {
		mail := MustRender(t, emailtemplates.NewDevice{Device: name, At: time.Unix(0, 1)})
		if !strings.Contains(mail.Text, "\nDevice: "+want+"\n") {
			t.Errorf("%q is not shown as %q:\n%s", name, want, mail.Text)
		}
	}
}

func TestRender_IncompleteMessage_IsAnError(t *testing.T) {
	now := time.Now()
	for says, message := range map[string]emailtemplates.Message{
		"the e-mail code: the field Code is missing":           emailtemplates.Code{},
		"the e-mail username: the field Username is missing":   emailtemplates.Username{},
		"the e-mail password_changed: the field At is missing": emailtemplates.PasswordChanged{},
		"the e-mail new_device: the field At is missing":       emailtemplates.NewDevice{Device: "Pixel"},
		"the e-mail account_deleted: the field At is missing":  emailtemplates.AccountDeleted{},
		"the e-mail digest: the field At is missing":           emailtemplates.Digest{Noticed: []emailtemplates.Noticed{{}}},
		"the e-mail digest: the field Noticed is empty":        emailtemplates.Digest{At: now},
		"sign_in_linked: the field At is missing":              emailtemplates.SignInLinked{Provider: emailtemplates.Google},
		"device_pin: the field At is missing":                  emailtemplates.DevicePIN{Change: emailtemplates.PINSet},
		`the change is "lost": use emailtemplates.PINSet`:      emailtemplates.DevicePIN{Change: "lost", At: now},
		`the provider is "Facebook": use emailtemplates.Apple`: emailtemplates.SignInLinked{Provider: "Facebook", At: now},
	} {
		mail, err := emailtemplates.Render(app, message)
		if err == nil || !strings.Contains(err.Error(), says) || mail != (emailtemplates.Mail{}) {
			t.Errorf("%T: %v, want %q", message, err, says)
		}
	}
}

func TestSettings_AppName_CannotAddHeader(t *testing.T) {
	for _, name := range []string{"Expenzez\r\nBcc: eve@example.com", "a\nb", "a\n\nb"} {
		if mail, err := emailtemplates.Render(name, emailtemplates.Username{Username: "ada"}); err == nil {
			t.Errorf("the subject is %q", mail.Subject)
		}
	}
}

// What Cognito takes as a message template.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_VerificationMessageTemplateType.html
var (
	cognitoMessage = regexp.MustCompile(`^[\pL\pM\pS\pN\pP\s*]*\{####\}[\pL\pM\pS\pN\pP\s*]*$`)
	cognitoSubject = regexp.MustCompile(`^[\pL\pM\pS\pN\pP\s]+$`)
)

func TestCognitoCode_FitsCognitosRules(t *testing.T) {
	mail, err := emailtemplates.CognitoCode(app)
	if err != nil {
		t.Fatal(err)
	}
	if length := utf8.RuneCountInString(mail.HTML); length < 6 || length > 20_000 {
		t.Errorf("the message has %d characters", length)
	}
	if !cognitoMessage.MatchString(mail.HTML) || strings.Count(mail.HTML, "{####}") != 1 || strings.Contains(mail.HTML, "{username}") {
		t.Errorf("the message is\n%s", mail.HTML)
	}
	if length := utf8.RuneCountInString(mail.Subject); length > 140 || !cognitoSubject.MatchString(mail.Subject) {
		t.Errorf("the subject is %q", mail.Subject)
	}
}

func TestSettings_ReadFromVariables_AreTheSame(t *testing.T) {
	want := emailtemplates.Settings{From: "hello@mail.example.com", App: "Expenzez dev", ReplyTo: "support@example.com", ConfigurationSet: "set"}
	variables := want.Variables()
	if got := emailtemplates.ReadSettings(func(name string) string { return variables[name] }); got != want {
		t.Errorf("got %+v", got)
	}
}
