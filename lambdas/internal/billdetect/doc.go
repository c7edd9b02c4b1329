// Package billdetect finds the bills among the payments to a merchant: payments that
// come again at a known time. Package billtest has the histories by which it is measured.
package billdetect
