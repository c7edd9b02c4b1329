// Command edge serves an HTTP API of the local engine under one base URL.
//
//	edge -engine http://127.0.0.1:4566 -api 1a2b3c4d
//
// With -template and -distribution, it does what that CloudFront distribution does.
// Package edge describes its changes to requests. The stage starts this command.
package main
