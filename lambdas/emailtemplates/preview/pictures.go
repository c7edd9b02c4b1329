package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"html/template"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// sheet shows a message as a light window and as a dark phone.
var sheet = template.Must(template.New("sheet").Parse(`<!doctype html><meta charset="utf-8">
<style>
body { margin: 0; padding: 20px; display: flex; gap: 20px; align-items: flex-start; background: #9aa5a1; }
iframe { border: 0; border-radius: 10px; }
</style>
<iframe style="color-scheme: light" width="640" srcdoc="{{.}}"></iframe>
<iframe style="color-scheme: dark" width="390" srcdoc="{{.}}"></iframe>
<script>
onload = () => document.querySelectorAll("iframe").forEach(f => f.height = f.contentDocument.body.scrollHeight)
</script>`))

const (
	margin       = 20
	sheetWidth   = margin + 640 + margin + 390 + margin
	tallestSheet = 1600
	browserFlags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking " +
		"--disable-component-update --disable-sync --hide-scrollbars"
)

// takePictures writes a picture of each message, and of which HTML it is.
func takePictures(ctx context.Context, browser, folder string, shown []preview) error {
	scratch, err := os.MkdirTemp("", "mails-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, p := range shown {
		picture, err := photograph(ctx, browser, scratch, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, p.name+".png"), picture, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, sumsFile), sums(shown), 0o644)
}

// sums are the hashes of the messages' HTML, by picture.
func sums(shown []preview) []byte {
	var lines bytes.Buffer
	for _, p := range shown {
		fmt.Fprintf(&lines, "%x  %s.png\n", sha256.Sum256([]byte(p.HTML)), p.name)
	}
	return lines.Bytes()
}

func photograph(ctx context.Context, browser, scratch string, p preview) ([]byte, error) {
	page, shot := filepath.Join(scratch, p.name+".html"), filepath.Join(scratch, p.name+".png")
	var content bytes.Buffer
	if err := sheet.Execute(&content, p.HTML); err != nil {
		return nil, err
	}
	if err := os.WriteFile(page, content.Bytes(), 0o600); err != nil {
		return nil, err
	}
	arguments := append(strings.Fields(browserFlags),
		"--user-data-dir="+filepath.Join(scratch, "profile"), "--screenshot="+shot,
		fmt.Sprintf("--window-size=%d,%d", sheetWidth, tallestSheet), "file://"+page)
	if out, err := exec.CommandContext(ctx, browser, arguments...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", browser, err, out)
	}
	raw, err := os.ReadFile(shot)
	if err != nil {
		return nil, err
	}
	picture, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	var small bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	err = encoder.Encode(&small, reduce(picture, trim(picture)))
	return small.Bytes(), err
}
