package contract

import (
	"github.com/expenzez/infrastructure/lambdas/function"
)

// DeclaredRoutes returns the declared routes of all functions of the domains by route
// key, without the fallback route.
func DeclaredRoutes(domains []function.Domain) map[string]function.Route {
	routes := map[string]function.Route{}
	for _, domain := range domains {
		for _, f := range domain.Functions {
			for _, route := range f.Routes {
				if route.Key != function.FallbackKey {
					routes[route.Key] = route
				}
			}
		}
	}
	return routes
}
