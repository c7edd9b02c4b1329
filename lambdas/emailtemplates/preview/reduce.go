package main

import (
	"cmp"
	"image"
	"image/color"
	"maps"
	"slices"
)

// trim is the part of a window that is not empty, with a margin below.
func trim(picture image.Image) image.Rectangle {
	part := picture.Bounds()
	background := picture.At(part.Min.X, part.Min.Y)
	bottom := part.Max.Y
	for bottom > part.Min.Y && emptyRow(picture, bottom-1, background) {
		bottom--
	}
	part.Max.Y = min(bottom+margin, part.Max.Y)
	return part
}

func emptyRow(picture image.Image, y int, background color.Color) bool {
	for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
		if picture.At(x, y) != background {
			return false
		}
	}
	return true
}

// reduce is the part of a picture in its 256 most frequent colours, which is a
// third of the bytes and, of text, no difference to see.
func reduce(picture image.Image, part image.Rectangle) image.Image {
	count := map[color.Color]int{}
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			count[picture.At(x, y)]++
		}
	}
	frequent := slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), compareColours(a, b))
	})
	reduced := image.NewPaletted(part, frequent[:min(256, len(frequent))])
	nearest := map[color.Color]uint8{}
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			c := picture.At(x, y)
			index, known := nearest[c]
			if !known {
				index = uint8(reduced.Palette.Index(c))
				nearest[c] = index
			}
			reduced.SetColorIndex(x, y, index)
		}
	}
	return reduced
}

func compareColours(a, b color.Color) int {
	r, g, bl, _ := a.RGBA()
	r2, g2, bl2, _ := b.RGBA()
	return cmp.Or(cmp.Compare(r, r2), cmp.Compare(g, g2), cmp.Compare(bl, bl2))
}
