// Command preview shows the e-mails as their readers see them: an example of each,
// as HTML and text to open, and as the pictures of docs/emails.md.
//
//	go run ./lambdas/emailtemplates/preview                  # writes .build/mails
//	go run ./lambdas/emailtemplates/preview -browser chromium  # and the pictures
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
)

const (
	pagesFolder    = ".build/mails"
	picturesFolder = "docs/emails"
	// sumsFile says of which HTML each picture is: a test finds those that are old.
	sumsFile = "html.sha256"
)

func main() {
	browser := flag.String("browser", "", "the Chromium that takes the pictures, such as chromium")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *browser); err != nil {
		fmt.Fprintln(os.Stderr, "preview:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, browser string) error {
	shown, err := previews()
	if err != nil {
		return err
	}
	if err := writePages(pagesFolder, shown); err != nil {
		return err
	}
	fmt.Println("open", pagesFolder)
	if browser == "" {
		return nil
	}
	return takePictures(ctx, browser, picturesFolder, shown)
}

// preview is a message as prod sends it.
type preview struct {
	name string
	emailtemplates.Mail
}

func previews() ([]preview, error) {
	prod, err := config.Load("prod")
	if err != nil {
		return nil, err
	}
	var shown []preview
	for _, message := range emailtemplates.Examples() {
		mail, err := emailtemplates.Render(prod.Email.Name, message)
		if err != nil {
			return nil, err
		}
		shown = append(shown, preview{message.Name(), mail})
	}
	return shown, nil
}

func writePages(folder string, shown []preview) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, p := range shown {
		for kind, content := range map[string]string{"html": p.HTML, "txt": "Subject: " + p.Subject + "\n\n" + p.Text} {
			if err := os.WriteFile(filepath.Join(folder, p.name+"."+kind), []byte(content), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
