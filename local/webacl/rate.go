package webacl

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// rateBuckets is how many parts a window has. The oldest part expires as a whole.
const rateBuckets = 60

// rateCounter counts requests by key in a sliding window. It may be used concurrently.
type rateCounter struct {
	mu     sync.Mutex
	bucket time.Duration
	counts map[string]*rateWindow
	swept  int64 // the bucket in which expired windows were last removed
}

// rateWindow has the counts of one key.
type rateWindow struct {
	last   int64 // the newest bucket
	counts [rateBuckets]int
	total  int
}

func newRateCounter(window time.Duration) *rateCounter {
	return &rateCounter{bucket: window / rateBuckets, counts: map[string]*rateWindow{}}
}

// add counts a request and returns how many requests the key sent in the window, this
// one included.
func (c *rateCounter) add(key string, now time.Time) int {
	bucket := now.UnixNano() / int64(c.bucket)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sweep(bucket)
	w := c.counts[key]
	if w == nil {
		w = &rateWindow{last: bucket}
		c.counts[key] = w
	}
	w.advance(bucket)
	w.counts[bucket%rateBuckets]++
	w.total++
	return w.total
}

// advance empties the buckets that left the window.
func (w *rateWindow) advance(bucket int64) {
	for i := w.last + 1; i <= bucket && i <= w.last+rateBuckets; i++ {
		w.total -= w.counts[i%rateBuckets]
		w.counts[i%rateBuckets] = 0
	}
	w.last = max(w.last, bucket)
}

// sweep removes the keys that sent nothing in the window, once a window.
func (c *rateCounter) sweep(bucket int64) {
	if bucket < c.swept+rateBuckets {
		return
	}
	c.swept = bucket
	for key, w := range c.counts {
		if bucket-w.last >= rateBuckets {
			delete(c.counts, key)
		}
	}
}

// customKeyJSON is one part of a composite aggregation key. Exactly one field is set.
type customKeyJSON struct {
	IP, ForwardedIP, HTTPMethod *struct{}
	Header                      *struct {
		Name                string
		TextTransformations []transformationJSON
	}
}

// keyOf returns the key under which a request is counted. When the request has no key,
// counted is false and matched is what the rule decides.
type keyOf func(e *evaluation) (key string, counted, matched bool)

// aggregateKey returns how the rule groups requests.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-aggregation-options.html
func aggregateKey(s *rateBasedJSON) (keyOf, error) {
	forwarded := func(e *evaluation) (string, bool, bool) {
		addresses, ok := s.ForwardedIPConfig.addresses(e)
		if !ok {
			return "", false, s.ForwardedIPConfig.FallbackBehavior == "MATCH"
		}
		return addresses[0].String(), true, false
	}
	switch s.AggregateKeyType {
	case "IP":
		return func(e *evaluation) (string, bool, bool) { return e.Address.Unmap().String(), true, false }, nil
	case "CONSTANT":
		return func(*evaluation) (string, bool, bool) { return "", true, false }, nil
	case "FORWARDED_IP":
		if s.ForwardedIPConfig == nil {
			return nil, fmt.Errorf("FORWARDED_IP needs a ForwardedIPConfig")
		}
		return forwarded, nil
	case "CUSTOM_KEYS":
		var parts []keyOf
		for _, key := range s.CustomKeys {
			switch {
			case key.IP != nil:
				parts = append(parts, func(e *evaluation) (string, bool, bool) { return e.Address.Unmap().String(), true, false })
			case key.ForwardedIP != nil && s.ForwardedIPConfig != nil:
				parts = append(parts, forwarded)
			case key.HTTPMethod != nil:
				parts = append(parts, func(e *evaluation) (string, bool, bool) { return e.Method, true, false })
			case key.Header != nil:
				transform, err := transformations(key.Header.TextTransformations)
				if err != nil {
					return nil, err
				}
				parts = append(parts, func(e *evaluation) (string, bool, bool) {
					values := e.Header.Values(key.Header.Name)
					if len(values) == 0 {
						return "", false, false // AWS WAF counts only requests that have every key
					}
					return transform(strings.Join(values, ",")), true, false
				})
			default:
				return nil, fmt.Errorf("a custom key is none of IP, ForwardedIP with a ForwardedIPConfig, HTTPMethod and Header")
			}
		}
		return joinKeys(parts), nil
	}
	return nil, fmt.Errorf("unknown aggregate key %q", s.AggregateKeyType)
}

// joinKeys joins the parts of a composite key. A part that a request lacks decides.
func joinKeys(parts []keyOf) keyOf {
	return func(e *evaluation) (string, bool, bool) {
		var all []string
		for _, part := range parts {
			key, counted, matched := part(e)
			if !counted {
				return "", false, matched
			}
			all = append(all, key)
		}
		return strings.Join(all, "\x00"), true, false
	}
}
