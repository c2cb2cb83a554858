/** SHA-256 of each released nudge as canonical JSON. A test holds them: lines are added, never changed. */
export const nudgeHashes: Readonly<Record<string, string>> = {
  'revenge-trading@1': 'e9d1ae4202f193960ac1e2991da192eab6c5bc0a00e0e0f8bb54bd11e7327898',
  'cooling-off@1': '91638f528dbfcd62c47f19bae7114719270113db1e763411ad0eeb680400a061',
  'over-trading@1': '466c0760c7e904a4f66b8ab02bf9293d33355a53c67f16dafceafd74ebcba503',
  'sizing-up-in-drawdown@1': '44f1553c856d00549989f0bb3479a43bd50d72fd014b5eb2a91fc030161d493b',
  'ignored-stop@1': 'cedb3fa4477c7d21f9a38e89c1542f88e7979ceee88b83eca2b1e2d77539a82c',
  'write-down-the-loss@1': 'abb3ba0651e55acd3ae6fdee91b49b30760052add3216c4c963607c78997a85b',
};
