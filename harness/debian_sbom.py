"""A CycloneDX document of Debian packages, from lines of name, version and architecture on standard input."""

import sys

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL


def main() -> None:
    """Write the document to standard output; fails if there is no package."""
    packages = [line.rstrip("\n").split("\t") for line in sys.stdin]
    if not packages:
        raise SystemExit("no Debian package was listed")
    components = [
        Component(
            type=ComponentType.LIBRARY,
            name=name,
            version=version,
            bom_ref=f"{name}:{architecture}",
            purl=PackageURL("deb", "debian", name, version, {"arch": architecture}),
        )
        for name, version, architecture in packages
    ]
    sys.stdout.write(JsonV1Dot6(Bom(components=components)).output_as_string(indent=2) + "\n")


if __name__ == "__main__":
    main()
