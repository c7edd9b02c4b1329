package main

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../../.."

func TestPage_ShowsEachMessage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs/emails.md"))
	if err != nil {
		t.Fatal(err)
	}
	shown, err := previews()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range shown {
		for what, want := range map[string]string{
			"row":     "\n| [`" + p.name + "`](#" + p.name + ") | ",
			"heading": "\n### " + p.name + "\n",
			"picture": "](emails/" + p.name + ".png)",
		} {
			if !strings.Contains(string(page), want) {
				t.Errorf("docs/emails.md has no %s of %s", what, p.name)
			}
		}
		picture, err := os.Stat(filepath.Join(root, picturesFolder, p.name+".png"))
		if err != nil || picture.Size() > 100<<10 {
			t.Errorf("the picture of %s: %v", p.name, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(root, picturesFolder, "*"))
	if err != nil || len(files) != len(shown)+1 {
		t.Errorf("%s has %d files for %d messages, %v", picturesFolder, len(files), len(shown), err)
	}
}

func TestPictures_AreOfPresentText(t *testing.T) {
	shown, err := previews()
	if err != nil {
		t.Fatal(err)
	}
	taken, err := os.ReadFile(filepath.Join(root, picturesFolder, sumsFile))
	if err != nil {
		t.Fatal(err)
	}
	if now := sums(shown); !bytes.Equal(taken, now) {
		t.Errorf("the pictures in %s are of\n%sthe messages now are\n%stake them anew: go run ./lambdas/emailtemplates/preview -browser chromium", picturesFolder, taken, now)
	}
}

func TestPages_AreWritten(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "mails")
	shown, err := previews()
	if err != nil {
		t.Fatal(err)
	}
	if err := writePages(folder, shown); err != nil {
		t.Fatal(err)
	}
	html, err := os.ReadFile(filepath.Join(folder, shown[0].name+".html"))
	if err != nil || string(html) != shown[0].HTML {
		t.Errorf("wrote %s, %v", html, err)
	}
	text, err := os.ReadFile(filepath.Join(folder, shown[0].name+".txt"))
	if err != nil || string(text) != "Subject: "+shown[0].Subject+"\n\n"+shown[0].Text {
		t.Errorf("wrote %s, %v", text, err)
	}
}

func TestPictures_BrowserFails_IsReported(t *testing.T) {
	shown, err := previews()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := takePictures(t.Context(), "./no-such-browser", folder, shown); err == nil || !strings.Contains(err.Error(), "no-such-browser") {
		t.Errorf("got %v", err)
	}
	if files, _ := filepath.Glob(folder + "/*"); len(files) > 0 {
		t.Errorf("wrote %q", files)
	}
}

func TestPicture_IsTrimmedAndReduced(t *testing.T) {
	window := image.NewRGBA(image.Rect(0, 0, 40, 200))
	draw.Draw(window, window.Bounds(), image.White, image.Point{}, draw.Src)
	for y := range 50 {
		for x := range 40 { // 2000 colours
			window.Set(x, y+10, color.RGBA{R: uint8(x), G: uint8(y), A: 255})
		}
	}
	part := trim(window)
	if part != image.Rect(0, 0, 40, 80) {
		t.Errorf("kept %v", part)
	}
	small := reduce(window, part).(*image.Paletted)
	if len(small.Palette) != 256 || small.Bounds() != part {
		t.Errorf("%d colours in %v", len(small.Palette), small.Bounds())
	}
	if r, g, b, _ := small.At(0, 79).RGBA(); r != 0xffff || g != 0xffff || b != 0xffff {
		t.Errorf("white became %v", small.At(0, 79))
	}
}
