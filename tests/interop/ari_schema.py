"""Checks what ARI says against what ARI says of itself: every answer and event against the models of /ari/api-docs.

A model is taken at its word: what it requires must be there, what is there must be in it and of its type.
"""
import re

# Said although Asterisk's models don't tell of it: docs/ari.md does.
EXTRA = {
    "RESTResponse": {"headers": "List[RESTHeader]"},
    "StasisStart": {"resumed": "boolean"},
}
EXTRA_OF_EVENTS = {"sequence": "int"}
OWN_EVENTS = {
    "ApplicationResumed": {"complete": "boolean"},
}
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}")
RESOURCES = ["asterisk", "endpoints", "channels", "bridges", "recordings", "sounds", "playbacks", "deviceStates",
             "mailboxes", "events", "applications"]


class SchemaError(AssertionError):
    pass


class Schema:
    """`fetch(path)` gives the decoded JSON of a page under /ari."""

    def __init__(self, fetch):
        self.models = {}
        self.parents = {}
        self.operations = []
        listed = [api["path"].split("/")[-1].split(".")[0] for api in fetch("/api-docs/resources.json")["apis"]]
        if sorted(listed) != sorted(RESOURCES):
            raise SchemaError(f"resources.json lists {listed}")
        for name in listed:
            page = fetch(f"/api-docs/{name}.json")
            for api in page["apis"]:
                pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(api["path"])) + "$")
                for operation in api["operations"]:
                    self.operations.append((operation["httpMethod"], pattern, operation, api["path"]))
            self.models.update(page["models"])
        # A fixed path goes before one with a parameter in its place.
        self.operations.sort(key=lambda one: one[3].count("{"))
        for name, properties in OWN_EVENTS.items():
            self.models[name] = {"properties": {k: {"type": t, "required": True} for k, t in properties.items()}}
            self.models["Event"]["subTypes"].append(name)
        for name, model in self.models.items():
            for child in model.get("subTypes", []):
                self.parents[child] = name

    def operation(self, method, path):
        path = path.split("?")[0]
        for verb, pattern, operation, _ in self.operations:
            if verb == method and pattern.match(path):
                return operation
        return None

    def properties(self, name):
        """The model's own and those that it inherits."""
        all_of = {}
        while name:
            all_of = {**self.models[name]["properties"], **all_of}
            name = self.parents.get(name)
        return all_of

    # ---- what is said ----

    def check_answer(self, method, path, status, body):
        """`body`: decoded JSON, None for none. `path` as behind /ari."""
        where = f"{method} {path} -> {status}"
        if status >= 400:
            if not isinstance(body, dict) or list(body) not in (["message"], ["error"]) or \
                    not isinstance(next(iter(body.values())), str):
                raise SchemaError(f"{where}: not an error's body: {body!r}")
            return
        operation = self.operation(method, path)
        if operation is None:
            raise SchemaError(f"{where}: no operation of the API's description")
        wanted = operation["responseClass"]
        if wanted == "void":
            if body is not None or status != 204:
                raise SchemaError(f"{where}: nothing was to be answered, but {body!r}")
        elif wanted != "binary":
            self.check(wanted, body, where)

    def check_event(self, event):
        name = event.get("type") if isinstance(event, dict) else None
        if name not in self.models or name not in self.parents and name != "RESTResponse":
            raise SchemaError(f"not an event: {event!r}")
        self.check(name, event, name)

    def check(self, kind, value, where):
        if kind.startswith("List["):
            if not isinstance(value, list):
                raise SchemaError(f"{where}: {value!r} is no list")
            for index, item in enumerate(value):
                self.check(kind[5:-1], item, f"{where}[{index}]")
        elif kind in self.models:
            self.check_model(kind, value, where)
        elif not self.is_simple(kind, value):
            raise SchemaError(f"{where}: {value!r} is no {kind}")

    def check_model(self, name, value, where):
        if not isinstance(value, dict):
            raise SchemaError(f"{where}: {value!r} is no {name}")
        known = self.properties(name)
        extra = {**EXTRA.get(name, {}), **(EXTRA_OF_EVENTS if self.parents.get(name) == "Event" else {})}
        for key, property_ in known.items():
            if key in value:
                self.check(property_["type"], value[key], f"{where}.{key}")
            elif property_["required"]:
                raise SchemaError(f"{where}: {name} without its {key}: {value!r}")
        for key in value:
            if key in extra:
                self.check(extra[key], value[key], f"{where}.{key}")
            elif key not in known:
                raise SchemaError(f"{where}: {name} has no {key}: {value!r}")

    @staticmethod
    def is_simple(kind, value):
        if kind == "string":
            return isinstance(value, str)
        if kind in ("int", "long"):
            return isinstance(value, int) and not isinstance(value, bool)
        if kind == "double":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        if kind == "boolean":
            return isinstance(value, bool)
        if kind == "Date":
            return isinstance(value, str) and DATE.fullmatch(value) is not None
        if kind in ("object", "containers"):
            return isinstance(value, (dict, list))
        raise SchemaError(f"the models name a type {kind} that there is not")
