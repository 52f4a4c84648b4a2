SwaggerUIBundle({ url: "/schema/openapi.json", dom_id: "#api", deepLinking: true });
