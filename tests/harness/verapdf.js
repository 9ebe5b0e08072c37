// Run by the JavaScript interpreter among veraPDF's own jars: a line for each file, then one for each broken rule.
Packages.org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider.initialise();
var foundry = Packages.org.verapdf.pdfa.Foundries.defaultInstance();
var flavour = Packages.org.verapdf.pdfa.flavours.PDFAFlavour.PDFA_2_B;
for (var file in arguments) {
  var parser = foundry.createParser(new java.io.FileInputStream(arguments[file]));
  var result = foundry.createValidator(flavour, false).validate(parser);
  print(parser.getFlavour() + " " + result.isCompliant());
  for (var one = result.getTestAssertions().iterator(); one.hasNext(); ) {
    var assertion = one.next();
    if (assertion.getStatus() == "FAILED") print("  " + assertion.getRuleId() + ": " + assertion.getMessage());
  }
}
