// Tells the API the client's IP address, and answers web pages and web views of origins
// that the API itself cannot be told about. It runs at the edge, for requests and for
// answers.
const cors = CONFIGURATION;

function handler(event) {
  const request = event.request;
  const origin = request.headers.origin ? request.headers.origin.value : '';
  const known = cors.origins.includes(origin);

  if (event.context.eventType === 'viewer-response') {
    if (known) {
      allow(event.response.headers, origin);
    }
    return event.response;
  }
  if (known && request.method === 'OPTIONS' && request.headers['access-control-request-method']) {
    return { statusCode: 204, statusDescription: 'No Content', headers: preflight(origin) };
  }
  if (cors.host) {
    // The API answers under this name only. This Host comes before the one that the origin
    // request policy forwards.
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/helper-functions-origin-modification.html
    cf.updateRequestOrigin({ hostHeader: cors.host });
  }
  // This replaces a header of the client.
  request.headers['true-client-ip'] = { value: event.viewer.ip };
  return request;
}

function preflight(origin) {
  const headers = {
    'access-control-allow-methods': { value: cors.methods },
    'access-control-max-age': { value: cors.maxAge }
  };
  if (cors.headers) {
    headers['access-control-allow-headers'] = { value: cors.headers };
  }
  allow(headers, origin);
  return headers;
}

function allow(headers, origin) {
  headers['access-control-allow-origin'] = { value: origin };
  if (cors.credentials) {
    headers['access-control-allow-credentials'] = { value: 'true' };
  }
  headers.vary = { value: headers.vary ? headers.vary.value + ', Origin' : 'Origin' };
}
