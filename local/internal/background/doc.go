// Package background is shared by the commands that run as background processes of
// the stage: it opens the inherited socket, serves HTTP on it, and ends on a signal or
// with the parent process.
package background
