console.log(`front: ${2 ** 5} seats`);
