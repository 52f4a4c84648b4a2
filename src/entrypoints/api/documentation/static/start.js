SwaggerUIBundle({ url: new URL("schema/openapi.json", location.href).href, dom_id: "#api", deepLinking: true });
