package function

// EndpointsOf returns the Endpoints of an environment that the function is bound to.
func EndpointsOf(f *Function, e *Resources) []string {
	e.function = f
	return e.Endpoints()
}
