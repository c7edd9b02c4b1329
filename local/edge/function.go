package edge

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"github.com/dop251/goja"
)

// function is a CloudFront function. It may be called concurrently.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
type function struct {
	program  *goja.Program
	runtimes sync.Pool // of *instance, each for one call at a time
}

// instance is a runtime of a function.
type instance struct {
	*goja.Runtime
	// host is the Host header that the call set for the origin, or empty.
	host string
}

// originModule is the import of CloudFront's own module, which goja has no modules for.
const originModule = "import cf from 'cloudfront';"

// eventValue is a header of an event.
type eventValue struct {
	Value      string       `json:"value"`
	MultiValue []eventValue `json:"multiValue,omitempty"`
}

type eventRequest struct {
	Method      string                `json:"method"`
	URI         string                `json:"uri"`
	QueryString map[string]eventValue `json:"querystring"`
	Headers     map[string]eventValue `json:"headers"`
}

type eventResponse struct {
	StatusCode int                   `json:"statusCode"`
	Headers    map[string]eventValue `json:"headers"`
	Body       any                   `json:"body,omitempty"`
}

type event struct {
	Version string `json:"version"`
	Context struct {
		EventType string `json:"eventType"`
	} `json:"context"`
	Viewer struct {
		IP string `json:"ip"`
	} `json:"viewer"`
	Request  eventRequest   `json:"request"`
	Response *eventResponse `json:"response,omitempty"`
}

func newFunction(code string) (*function, error) {
	program, err := goja.Compile("function.js", strings.Replace(code, originModule, "", 1), false)
	if err != nil {
		return nil, err
	}
	f := &function{program: program}
	runtime, err := f.start()
	if err != nil {
		return nil, err
	}
	f.runtimes.Put(runtime)
	return f, nil
}

func (f *function) start() (*instance, error) {
	runtime := &instance{Runtime: goja.New()}
	if err := runtime.Set("cf", map[string]any{"updateRequestOrigin": runtime.updateRequestOrigin}); err != nil {
		return nil, err
	}
	if _, err := runtime.RunProgram(f.program); err != nil {
		return nil, err
	}
	if _, ok := goja.AssertFunction(runtime.Get("handler")); !ok {
		return nil, fmt.Errorf("it has no function handler")
	}
	return runtime, nil
}

// updateRequestOrigin is the method of CloudFront's module. It panics, which throws in the
// function, for a change other than that of the Host header.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/helper-functions-origin-modification.html
func (i *instance) updateRequestOrigin(changes map[string]any) {
	host, is := changes["hostHeader"].(string)
	if !is || len(changes) != 1 {
		panic(i.NewTypeError("only hostHeader can be changed here"))
	}
	i.host = host
}

// call runs the function and decodes its result. It returns the Host header that the
// function set for the origin, or nothing.
func (f *function) call(e event, result any) (host string, err error) {
	runtime, ok := f.runtimes.Get().(*instance)
	if !ok {
		if runtime, err = f.start(); err != nil {
			return "", err
		}
	}
	defer f.runtimes.Put(runtime)
	runtime.host = ""
	e.Version = "1.0"
	text, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	parsed, err := runtime.RunString("(" + string(text) + ")")
	if err != nil {
		return "", err
	}
	handler, _ := goja.AssertFunction(runtime.Get("handler"))
	value, err := handler(goja.Undefined(), parsed)
	if err != nil {
		return "", err
	}
	if text, err = json.Marshal(value.Export()); err != nil {
		return "", err
	}
	return runtime.host, json.Unmarshal(text, result)
}

// answer is a response that a function made.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a *answer) write(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	if _, err := io.WriteString(w, a.body); err != nil {
		slog.Error("answer the client", "error", err)
	}
}

// onRequest runs the function of viewer requests. It changes the request's headers and
// Host, or returns the function's answer.
func (f *function) onRequest(r *http.Request) (*answer, error) {
	e := requestEvent(viewerRequest, r)
	var result struct {
		eventRequest
		StatusCode int `json:"statusCode"`
		Body       any `json:"body"`
	}
	host, err := f.call(e, &result)
	if err != nil {
		return nil, err
	}
	if result.StatusCode != 0 {
		a := &answer{status: result.StatusCode, header: http.Header{}}
		setHeaders(a.header, result.Headers)
		a.body, _ = result.Body.(string)
		return a, nil
	}
	if result.Method != r.Method || result.URI != r.URL.EscapedPath() {
		return nil, fmt.Errorf("it changed %s %s to %s %s; only headers can be changed here", r.Method, r.URL.EscapedPath(), result.Method, result.URI)
	}
	cookies := r.Header["Cookie"]
	clear(r.Header)
	setHeaders(r.Header, result.Headers)
	r.Header.Del("Host")
	if host != "" {
		r.Host = host
	}
	if cookies != nil {
		r.Header["Cookie"] = cookies
	}
	return nil, nil
}

// onResponse runs the function of viewer responses and changes the status and headers of
// the response to a client's request.
func (f *function) onResponse(viewer *http.Request, r *http.Response) error {
	e := requestEvent(viewerResponse, viewer)
	e.Response = &eventResponse{StatusCode: r.StatusCode, Headers: eventHeaders(r.Header)}
	var result eventResponse
	if _, err := f.call(e, &result); err != nil {
		return err
	}
	cookies := r.Header["Set-Cookie"]
	clear(r.Header)
	setHeaders(r.Header, result.Headers)
	if cookies != nil {
		r.Header["Set-Cookie"] = cookies
	}
	r.StatusCode = result.StatusCode
	return nil
}

func requestEvent(kind string, r *http.Request) event {
	var e event
	e.Context.EventType = kind
	if address, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		e.Viewer.IP = address.Addr().Unmap().String()
	}
	e.Request = eventRequest{Method: r.Method, URI: r.URL.EscapedPath(), Headers: eventHeaders(r.Header), QueryString: map[string]eventValue{}}
	for name, values := range r.URL.Query() {
		e.Request.QueryString[name] = toEventValue(values)
	}
	e.Request.Headers["host"] = eventValue{Value: r.Host}
	return e
}

// eventHeaders returns headers as events have them: under names in lower case, without
// cookies, which events have apart.
func eventHeaders(h http.Header) map[string]eventValue {
	all := map[string]eventValue{}
	for name, values := range h {
		if name != "Cookie" && name != "Set-Cookie" && len(values) > 0 {
			all[strings.ToLower(name)] = toEventValue(values)
		}
	}
	return all
}

func toEventValue(values []string) eventValue {
	v := eventValue{Value: values[0]}
	if len(values) > 1 {
		for _, value := range values {
			v.MultiValue = append(v.MultiValue, eventValue{Value: value})
		}
	}
	return v
}

func setHeaders(h http.Header, from map[string]eventValue) {
	for name, v := range from {
		if len(v.MultiValue) == 0 {
			h.Set(name, v.Value)
			continue
		}
		h.Del(name)
		for _, value := range v.MultiValue {
			h.Add(name, value.Value)
		}
	}
}
